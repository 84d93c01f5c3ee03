package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.rcu.list.ListHead;

/**
 * The root goes first, and no child pins it. <b>Known bad:</b> the unlock of the child's lock, which lives in the root,
 * comes after the root is freed; no kernel was like that, rmap-root-order convicts it.
 */
final class OldestFirstNotPinned extends RootNotPinned {
    @Override
    public @Ref(ListHead.class) long nextToUnlink(Cpu cpu, @Ref(ListHead.class) long head) {
        return ListHead.last(cpu, head);
    }
}
