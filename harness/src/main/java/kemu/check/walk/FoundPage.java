package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kemu.check.rmap.Chains;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.swap.rules.FoundPageRuleSets;

/**
 * A page is found by the swap entry of a pte. Before it is locked the entry goes to another page and comes back: the
 * pte is as it was, the page is another's. UFFDIO_MOVE then gives that page the numbers of the place it moves to; a
 * fault would map it.
 *
 * <p>There is one swap slot. Page A is at S and swapped out when the mover reads its pte. Then A comes in, which frees
 * the entry, and page B goes out to it. That is where the race begins: B comes in, and A goes out again. With
 * {@code -again} B has no part in it: a mover that finds no page in the cache moves the entry when A is in the cache
 * once more, with the anon_vma and number of its old place.
 *
 * <p>The card expects a fault to fail without the test "is in the swap cache". It does not in kemu, nor would it in
 * Linux: a page that leaves the cache loses its entry, so the test of the entry says it all.
 */
final class FoundPage implements OwnVariants {
    private static final String AGAIN = "-again";
    private static final String FAULT = "fault";
    private static final String NO_TEST = "fault-no-test";
    private static final Map<String, String> RULES = Map.of(
            "both",
            FoundPageRuleSets.CURRENT,
            "pte-only",
            "move-pte-only",
            "found-untested",
            "move-found-untested",
            "found-only",
            "move-found-only",
            FAULT,
            FoundPageRuleSets.CURRENT,
            NO_TEST,
            "fault-none",
            "fault-entry-only",
            "fault-same-entry");
    private static final long S = BASE;
    private static final long B = BASE + 2 * PAGE;
    private static final long TARGET = BASE + 4 * PAGE;
    private static final int DEVIATIONS = 2;
    private static final long STAMP_A = 11;
    private static final long STAMP_B = 22;

    /** Who has read the pte. */
    enum Of {
        /** UFFDIO_MOVE; and a fault without any test, for comparison. */
        MOVE(
                "swap-uffd-move",
                "UFFDIO_MOVE of a swap entry that goes to another page and comes back",
                List.of("both", "pte-only", "found-untested", "both-again", "found-only-again", NO_TEST)),
        /** do_swap_page as it is. */
        FAULT(
                "swap-fault-entry",
                "do_swap_page of a swap entry that goes to another page and comes back",
                List.of(FoundPage.FAULT, "fault-entry-only", NO_TEST));

        private final String scenario;
        private final String description;
        private final List<String> variants;

        Of(String scenario, String description, List<String> variants) {
            this.scenario = scenario;
            this.description = description;
            this.variants = variants;
        }
    }

    private final Of of;

    FoundPage(Of of) {
        this.of = of;
    }

    @Override
    public String name() {
        return of.scenario;
    }

    @Override
    public String description() {
        return of.description;
    }

    @Override
    public String source() {
        return "Linux 6.8 to 6.15 mm/userfaultfd.c, move_pages_pte(); 0ea148a79919 (6.16)";
    }

    @Override
    public List<Bug> bugs() {
        Bug moved = new Bug(
                "UFFDIO_MOVE moves the page that it found by a swap entry, which is another's by then",
                "6.8 to 6.15",
                "adef440691ba",
                "0ea148a79919 (6.16-rc1)",
                "pte-only");
        return of == Of.MOVE ? List.of(moved) : List.of();
    }

    @Override
    public List<String> variants() {
        return of.variants;
    }

    /** do_swap_page polls for a page on its way into the cache. */
    @Override
    public boolean coverable() {
        return of != Of.FAULT;
    }

    private static String rule(String variant) {
        return variant.endsWith(AGAIN) ? variant.substring(0, variant.length() - AGAIN.length()) : variant;
    }

    @Override
    public int deviations(Subject subject) {
        return expected(subject) == Expectation.HOLDS && !subject.variant().endsWith(AGAIN) ? DEVIATIONS : -1;
    }

    @Override
    public KernelConfig configure(String variant) {
        KernelConfig config = KernelConfig.of(1).withSwapChecks(RULES.get(rule(variant)));
        // Who faults uses what a TLB may still have.
        return variant.startsWith(FAULT) ? config.withTlb(TlbModes.EXPLORED) : config;
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "pte-only", "found-untested", "found-only-again" -> Expectation.fails(FailureKind.RMAP_I3);
            // The page is mapped with the number and tree of another VMA, unless the process reads it first.
            case NO_TEST -> Expectation.fails(FailureKind.RMAP_I3, FailureKind.USER_MEMORY);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        boolean again = variant.endsWith(AGAIN);
        boolean fault = variant.startsWith(FAULT);
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mms().mmget(boot, mm);
        for (long at : new long[] {S, B, TARGET}) {
            Fixture.map(kernel, boot, mm, at, 1, RW);
            Fixture.write(kernel, boot, mm, at, at == B ? STAMP_B : STAMP_A);
        }
        // The place to move to is empty, and ready.
        kernel.mmap().madviseDontneed(boot, mm, TARGET, PAGE);
        SwapOut.page(kernel, boot, mm, S);
        long seen = pte(kernel, boot, mm, S);
        Fixture.read(kernel, boot, mm, S);
        if (!again) {
            SwapOut.page(kernel, boot, mm, B);
        }
        if (!Pte.isSwap(seen) || !again && pte(kernel, boot, mm, B) != seen) {
            throw new SceneBroken("the entry has not come to B");
        }
        long page = kernel.pages().pageOf(Pte.frame(pte(kernel, boot, mm, S)));
        kernel.lru().drainAll(boot);
        if (!kernel.lru().isolate(boot, page)) {
            throw new SceneBroken("page A is not isolated");
        }
        scene.task(0, fault ? FAULT : "move", cpu -> {
            if (fault) {
                kernel.faults().handleSwapFault(cpu, mm, S, seen);
            } else if (kernel.movePages().moveSwapped(cpu, mm, S, TARGET, seen) == 0 && again) {
                Fixture.expect(kernel, cpu, mm, TARGET, STAMP_A, "who moved A");
            }
        });
        scene.task(1, "touch", cpu -> {
            if (!again) {
                Fixture.read(kernel, cpu, mm, B);
            }
            SwapOut.half(kernel, cpu, page);
        });
        return cpu -> {
            kernel.lru().putback(cpu, page);
            boolean moved = pte(kernel, cpu, mm, TARGET) != 0;
            look(kernel, cpu, mm, moved ? TARGET : S, STAMP_A);
            look(kernel, cpu, mm, B, STAMP_B);
            Fixture.exit(kernel, cpu, mm);
        };
    }

    private static long pte(Kernel kernel, Cpu cpu, long mm, long address) {
        return cpu.readOnce64(kernel.pageTable().find(cpu, mm, address));
    }

    private static void look(Kernel kernel, Cpu cpu, long mm, long address, long stamp) {
        Fixture.expect(kernel, cpu, mm, address, stamp, "its owner");
        long page = kernel.pages().pageOf(Pte.frame(pte(kernel, cpu, mm, address)));
        Chains.check(kernel, cpu, mm, address, page);
        Page.get(cpu, page);
        MustFind.unlocked(kernel, cpu, page, MustFind.Look.LOCKED);
        kernel.pages().putPage(cpu, page);
    }
}
