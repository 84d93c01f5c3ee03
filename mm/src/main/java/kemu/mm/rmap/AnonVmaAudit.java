package kemu.mm.rmap;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * The invariants of anon_vmas on a machine at rest: chains and lists mirror each other, a chain ends with its root,
 * every count is exact, no lock is held, nothing is left over. An instrument: it reads emulated memory and keeps what
 * it finds in Java collections.
 */
public final class AnonVmaAudit {
    private final AnonVmas anonVmas;

    /** An audit of all of {@code anonVmas}. */
    public AnonVmaAudit(AnonVmas anonVmas) {
        this.anonVmas = anonVmas;
    }

    /** What one audit found so far: links and children by anon_vma. */
    private static final class Findings {
        final StringBuilder wrong = new StringBuilder();
        final Map<Long, Integer> links = new HashMap<>();
        final Map<Long, Integer> children = new HashMap<>();
        final Set<Long> chains = new HashSet<>();
        /** In one mm, anon_vma of a VMA to the anon_vmas of its chain. */
        final Map<Long, List<Long>> chainOf = new HashMap<>();

        void add(String what, long object) {
            wrong.append(what).append(" 0x").append(Long.toHexString(object)).append('\n');
        }
    }

    /**
     * What is wrong with the anon_vmas of {@code mms}, which are all address spaces there are; one line each, empty if
     * all is well. Context: machine at rest, no pins.
     */
    public String audit(Cpu cpu, long... mms) {
        return auditPinned(cpu, Map.of(), mms);
    }

    /** The same where {@code pins}, by anon_vma, are held as well. */
    public String auditPinned(Cpu cpu, Map<Long, Integer> pins, long... mms) {
        Findings found = new Findings();
        for (long mm : mms) {
            found.chainOf.clear();
            for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
                auditChain(cpu, vma, found);
            }
        }
        for (long anonVma : Set.copyOf(found.links.keySet())) {
            long root = AnonVma.ROOT.readOnce(cpu, anonVma);
            if (root != anonVma) {
                found.children.merge(root, 1, Integer::sum);
            }
        }
        int keptOnly = auditPins(cpu, pins, found);
        for (long anonVma : found.links.keySet()) {
            auditAnonVma(cpu, anonVma, pins.getOrDefault(anonVma, 0), found);
        }
        compare(
                found,
                "anon_vmas",
                found.links.size() + keptOnly,
                anonVmas.cache().activeObjects(cpu));
        compare(
                found,
                "anon_vma_chains",
                found.chains.size(),
                anonVmas.chainCache().activeObjects(cpu));
        return found.wrong.toString();
    }

    private static void compare(Findings found, String what, long reachable, long allocated) {
        if (reachable != allocated) {
            found.wrong.append(allocated).append(' ').append(what).append(" allocated, ");
            found.wrong.append(reachable).append(" reachable\n");
        }
    }

    private void auditChain(Cpu cpu, @Ref(VmArea.class) long vma, Findings found) {
        long own = VmArea.ANON_VMA.readOnce(cpu, vma);
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        if (own == Cpu.NULL) {
            if (!ListHead.empty(cpu, head)) {
                found.add("chain but no anon_vma: vma", vma);
            }
            return;
        }
        long root = AnonVma.ROOT.readOnce(cpu, own);
        Set<Long> seen = new LinkedHashSet<>();
        long last = Cpu.NULL;
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            long chain = AnonVmaChain.SAME_VMA.containerOf(at);
            long anonVma = AnonVmaChain.ANON_VMA.get(cpu, chain);
            if (last == Cpu.NULL && anonVma != own && !anonVmas.reuses()) {
                found.add("newest of the chain is not vma.anon_vma: vma", vma);
            }
            if (AnonVmaChain.VMA.get(cpu, chain) != vma) {
                found.add("chain of another VMA: anon_vma_chain", chain);
            }
            if (AnonVma.ROOT.readOnce(cpu, anonVma) != root) {
                found.add("two roots in one chain: vma", vma);
            }
            if (!seen.add(anonVma)) {
                found.add("linked twice to one anon_vma: vma", vma);
            }
            found.links.merge(anonVma, 1, Integer::sum);
            found.chains.add(chain);
            last = anonVma;
        }
        List<Long> sibling = found.chainOf.putIfAbsent(own, List.copyOf(seen));
        if (sibling != null && !sibling.equals(List.copyOf(seen))) {
            found.add("VMAs with one anon_vma but different chains (I10): vma", vma);
        }
        if (!seen.contains(own)) {
            found.add("vma.anon_vma is not on the chain: vma", vma);
        }
        if (last != root || AnonVma.ROOT.readOnce(cpu, root) != root) {
            found.add("oldest of the chain is not the root: vma", vma);
        }
    }

    /** How many anon_vmas have no VMA any more: those pinned, and roots that such a child keeps. */
    private static int auditPins(Cpu cpu, Map<Long, Integer> pins, Findings found) {
        Set<Long> pinned = new HashSet<>(pins.keySet());
        pinned.removeAll(found.links.keySet());
        Set<Long> kept = new HashSet<>(pinned);
        for (long anonVma : pinned) {
            long root = AnonVma.ROOT.readOnce(cpu, anonVma);
            if (root != anonVma) {
                found.children.merge(root, 1, Integer::sum);
                kept.add(root);
            }
        }
        kept.removeAll(found.links.keySet());
        return kept.size();
    }

    private void auditAnonVma(Cpu cpu, long anonVma, int pins, Findings found) {
        int listed = 0;
        AnonVmaIndex index = anonVmas.index();
        for (long at = index.firstOfAll(cpu, anonVma); at != Cpu.NULL; at = index.nextOfAll(cpu, anonVma, at)) {
            listed++;
            if (AnonVmaChain.ANON_VMA.get(cpu, at) != anonVma) {
                found.add("foreign chain on the list of anon_vma", anonVma);
            }
        }
        if (listed != found.links.get(anonVma)) {
            found.add("list and chains disagree: anon_vma", anonVma);
        }
        int expected = 1 + pins + found.children.getOrDefault(anonVma, 0);
        int refcount = AnonVma.REFCOUNT.readOnce(cpu, anonVma);
        if (refcount != expected) {
            found.add("refcount " + refcount + " instead of " + expected + ": anon_vma", anonVma);
        }
        if (!anonVmas.cache().isAllocated(cpu, anonVma)) {
            found.add("linked but free: anon_vma", anonVma);
        }
        if (anonVmas.locking().isLocked(cpu, anonVma)) {
            found.add("lock held by nobody: anon_vma", anonVma);
        }
    }
}
