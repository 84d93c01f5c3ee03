package kemu.mm.rmap.index;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.types.AnonVma;
import kemu.rcu.list.ListHead;

/**
 * The same list with each VMA put in front, as until 2.6.35, when no walk had to find every pte of a page that a fork
 * was copying. <b>Known bad</b> with huge pages: rmap-thp-split convicts it.
 */
final class NewestFirstList extends ChainList {
    @Override
    public void insert(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        ListHead.add(cpu, AnonVmaChain.SAME_ANON_VMA.of(chain), AnonVma.HEAD.of(anonVma));
    }
}
