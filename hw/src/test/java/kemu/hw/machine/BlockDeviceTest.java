package kemu.hw.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.KernelCore;
import org.junit.jupiter.api.Test;

class BlockDeviceTest {
    @Test
    void shouldSayWhatItMayTakeOfTheHostHoweverLittleIsInUse() {
        try (EmuMachine machine =
                KernelCore.bootEmulated(new MachineConfig(1 << 20, 1, 1, false, "ticket", 16, MemoryModel.SC))) {
            Cpu cpu = machine.bootCpu();
            long frame = machine.bootAllocator().allocate(cpu, PhysMem.PAGE_SIZE, PhysMem.PAGE_SIZE, "frame");
            BlockDevice swap = new BlockDevice(machine, 100);
            BlockDevice disk = new BlockDevice(machine, 10);
            assertEquals(0, machine.deviceBytes());
            for (int block = 0; block < 7; block++) {
                swap.write(cpu, block, frame);
            }
            swap.write(cpu, 3, frame);
            disk.write(cpu, 1, frame);
            assertEquals(9L * PhysMem.PAGE_SIZE, machine.deviceBytes());
            assertEquals(7L * PhysMem.PAGE_SIZE, swap.hostBytes());
        }
    }
}
