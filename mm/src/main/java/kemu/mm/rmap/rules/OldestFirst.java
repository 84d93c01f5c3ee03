package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.rcu.list.ListHead;

/**
 * unlink_anon_vmas goes from the root to the newest; children still pin the root, so it is sound. No kernel was like
 * that; rmap-root-order compares it.
 */
final class OldestFirst extends KernelLife {
    @Override
    public @Ref(ListHead.class) long nextToUnlink(Cpu cpu, @Ref(ListHead.class) long head) {
        return ListHead.last(cpu, head);
    }
}
