package kemu.mm.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.TaskBody;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MmLab;
import org.junit.jupiter.api.Test;

class UserStampsTest {
    private MmLab lab;
    private long scene;

    private List<String> found(TaskBody... bodies) {
        lab = MmLab.boot("emu", bodies.length, 3);
        try (MmLab open = lab) {
            EmuMachine machine = (EmuMachine) open.machine;
            Cpu boot = machine.bootCpu();
            scene = open.newMm(boot, 2);
            open.write(boot, scene, 0, 77);
            UserStamps stamps = new UserStamps(
                    machine, open.kernel.pages(), open.kernel.slabs(), open.kernel.pageTable(), open.kernel.mms());
            stamps.scan();
            stamps.begin();
            open.run(List.of(bodies));
            stamps.ended(boot);
            return stamps.found().stream().map(KernelBug::getMessage).toList();
        }
    }

    private void corrupt(Cpu cpu, long mm, int page) {
        cpu.writeOnce64(Pte.frame(lab.pte(cpu, mm, page)), 13);
    }

    private void family(Cpu cpu) {
        for (int round = 0; round < 4; round++) {
            long parent = lab.newMm(cpu, 3);
            lab.write(cpu, parent, 0, 1);
            lab.write(cpu, parent, 1, 2);
            long child = lab.kernel.mms().dupMm(cpu, parent);
            lab.write(cpu, child, 0, 3);
            lab.expect(cpu, child, 1, 2);
            lab.write(cpu, parent, 1, 4);
            lab.expect(cpu, child, 1, 2);
            lab.kernel.mmap().munmap(cpu, child, MmLab.BASE, 4096);
            lab.map(cpu, child, MmLab.BASE, 1);
            lab.expect(cpu, child, 0, 0);
            lab.kernel.mms().mmput(cpu, parent);
            lab.kernel.mms().mmput(cpu, child);
        }
    }

    @Test
    void shouldSayNothingOfFamiliesNorOfWordsThatSeveralTasksStoreTo() {
        assertEquals(List.of(), found(this::family, this::family));
        assertEquals(
                List.of(),
                found(
                        cpu -> {
                            for (int i = 0; i < 50; i++) {
                                lab.write(cpu, scene, 0, i);
                            }
                        },
                        cpu -> {
                            for (int i = 0; i < 50; i++) {
                                lab.write(cpu, scene, 0, 1000 + i);
                            }
                        }));
    }

    @Test
    void shouldReportAWordOfTheSceneThatChanges() {
        List<String> found = found(cpu -> corrupt(cpu, scene, 0));
        assertEquals(1, found.size());
        assertTrue(found.get(0).contains("holds 0xd where 0x4d was stored"), found.get(0));
    }

    @Test
    void shouldReportALoadThatFindsAnotherValue() {
        List<String> found = found(cpu -> {
            long mm = lab.newMm(cpu, 1);
            lab.write(cpu, mm, 0, 5);
            corrupt(cpu, mm, 0);
            lab.kernel.userAccess().load64(cpu, mm, MmLab.BASE, 5);
            lab.write(cpu, mm, 0, 6);
        });
        assertEquals(1, found.size());
        assertTrue(found.get(0).contains("reads 0xd where 0x5 was stored"), found.get(0));
    }

    @Test
    void shouldReportAChildThatSeesItsParentsLaterWrite() {
        List<String> found = found(cpu -> {
            long child = lab.kernel.mms().dupMm(cpu, scene);
            // As if the parent's page were writable still: no copy is made.
            corrupt(cpu, scene, 0);
            lab.kernel.userAccess().load64(cpu, child, MmLab.BASE, 77);
        });
        assertTrue(found.get(0).contains("reads 0xd where 0x4d was stored"), found.toString());
    }
}
