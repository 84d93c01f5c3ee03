package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Sched;
import kemu.mm.slab.SlabConstructor;

/**
 * What a {@link VmaLookup} needs of the slabs of mm_structs and VMAs.
 *
 * @param mmBytes words of its own behind {@link kemu.mm.types.MmStruct}
 * @param vmaBytes words of its own behind {@link kemu.mm.types.VmArea}
 * @param vmaFlags flags of the slab of VMAs
 * @param constructor of the slab of VMAs, or null
 * @param taskBytes words of its own for each slot of the task table
 */
public record VmaMemory(int mmBytes, int vmaBytes, int vmaFlags, SlabConstructor constructor, int taskBytes) {
    /** No words, and VMAs that are gone when they are freed. */
    public static final VmaMemory NOTHING = new VmaMemory(0, 0, 0, null);

    /** The same, without words of tasks. */
    public VmaMemory(int mmBytes, int vmaBytes, int vmaFlags, SlabConstructor constructor) {
        this(mmBytes, vmaBytes, vmaFlags, constructor, 0);
    }

    /** The words of tasks, zeroed, by slot; NULL if there are none. Boot only, before the page allocator. */
    public long reserveTasks(Machine machine) {
        if (taskBytes == 0) {
            return Cpu.NULL;
        }
        long bytes = (long) taskBytes * Sched.of(machine).tasks().count();
        return machine.bootAllocator().allocate(machine.bootCpu(), bytes, StructLayout.CACHE_LINE, "task_vma_words[]");
    }
}
