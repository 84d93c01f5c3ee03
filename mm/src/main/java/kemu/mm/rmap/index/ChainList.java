package kemu.mm.rmap.index;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.types.AnonVma;
import kemu.rcu.list.ListHead;

/**
 * A list in order of linking, which walks go along whole. A VMA is appended: a walk under way must meet the new one,
 * whose ptes are copied from one it has passed. The default; Linux until 3.6.
 */
class ChainList implements AnonVmaIndex {
    @Override
    public int chainBytes() {
        return AnonVmaChain.LAYOUT.sizeBytes();
    }

    @Override
    public boolean keepsRanges() {
        return false;
    }

    @Override
    public void init(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        ListHead.init(cpu, AnonVma.HEAD.of(anonVma));
    }

    @Override
    public long emptyHead(@Ref(AnonVma.class) long anonVma) {
        return AnonVma.HEAD.of(anonVma);
    }

    @Override
    public boolean empty(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return ListHead.empty(cpu, AnonVma.HEAD.of(anonVma));
    }

    @Override
    public void insert(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        ListHead.addTail(cpu, AnonVmaChain.SAME_ANON_VMA.of(chain), AnonVma.HEAD.of(anonVma));
    }

    @Override
    public void remove(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        ListHead.del(cpu, AnonVmaChain.SAME_ANON_VMA.of(chain));
    }

    @Override
    public void moveToTail(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        remove(cpu, chain, anonVma);
        ListHead.addTail(cpu, AnonVmaChain.SAME_ANON_VMA.of(chain), AnonVma.HEAD.of(anonVma));
    }

    @Override
    public @Ref(AnonVmaChain.class) long first(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(Page.class) long page) {
        return firstOfAll(cpu, anonVma);
    }

    @Override
    public @Ref(AnonVmaChain.class) long next(
            Cpu cpu,
            @Ref(AnonVma.class) long anonVma,
            @Ref(AnonVmaChain.class) long chain,
            @Ref(Page.class) long page) {
        return nextOfAll(cpu, anonVma, chain);
    }

    @Override
    public @Ref(AnonVmaChain.class) long firstOfAll(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return orEnd(ListHead.first(cpu, AnonVma.HEAD.of(anonVma)), anonVma);
    }

    @Override
    public @Ref(AnonVmaChain.class) long nextOfAll(
            Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVmaChain.class) long chain) {
        return orEnd(ListHead.next(cpu, AnonVmaChain.SAME_ANON_VMA.of(chain)), anonVma);
    }

    private static long orEnd(long at, long anonVma) {
        return at == AnonVma.HEAD.of(anonVma) ? Cpu.NULL : AnonVmaChain.SAME_ANON_VMA.containerOf(at);
    }
}
