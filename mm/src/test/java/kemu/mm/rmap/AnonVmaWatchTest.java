package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.TaskBody;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;

class AnonVmaWatchTest {
    private MmLab lab;

    private List<String> found(TaskBody... bodies) {
        lab = MmLab.boot("emu", bodies.length, 3);
        try (MmLab open = lab) {
            EmuMachine machine = (EmuMachine) open.machine;
            AnonVmaWatch watch =
                    new AnonVmaWatch(machine, open.kernel.pages(), open.kernel.slabs(), open.kernel.anonVmas());
            watch.scan();
            watch.begin();
            open.run(List.of(bodies));
            return watch.found().stream().map(KernelBug::getMessage).toList();
        }
    }

    private static void assertFound(String expected, List<String> found) {
        assertTrue(!found.isEmpty() && found.get(0).contains(expected), found.toString());
    }

    private void family(Cpu cpu) {
        for (int round = 0; round < 5; round++) {
            long parent = lab.newMm(cpu, 3);
            lab.write(cpu, parent, 0, 1);
            lab.write(cpu, parent, 1, 2);
            long child = lab.kernel.mms().dupMm(cpu, parent);
            lab.write(cpu, child, 0, 3);
            long grandchild = lab.kernel.mms().dupMm(cpu, child);
            lab.write(cpu, grandchild, 2, 4);
            lab.kernel.mms().mmput(cpu, child);
            lab.write(cpu, grandchild, 1, 5);
            lab.kernel.mms().mmput(cpu, parent);
            lab.kernel.mms().mmput(cpu, grandchild);
        }
    }

    @Test
    void shouldSayNothingOfFamilies() {
        assertEquals(List.of(), found(this::family, this::family));
    }

    @Test
    void shouldReportAMappedPageWhoseAnonVmaLosesItsLastVma() {
        List<String> found = found(cpu -> {
            long mm = lab.newMm(cpu, 1);
            lab.write(cpu, mm, 0, 1);
            lab.kernel.anonVmas().unlinkAnonVmas(cpu, lab.vma(cpu, mm));
        });
        assertFound("has lost its last VMA while page 0x", found);
        assertTrue(found.get(1).contains("is freed while page 0x"), found.toString());
    }

    @Test
    void shouldReportAPageMappedUnderAForeignAnonVma() {
        assertFound("is not on the chain of the vma (I3)", found(cpu -> {
            long one = lab.newMm(cpu, 2);
            lab.write(cpu, one, 0, 1);
            long other = lab.newMm(cpu, 1);
            lab.write(cpu, other, 0, 1);
            VmArea.ANON_VMA.writeOnce(cpu, lab.vma(cpu, one), VmArea.ANON_VMA.readOnce(cpu, lab.vma(cpu, other)));
            lab.write(cpu, one, 1, 2);
        }));
    }

    @Test
    void shouldReportBadFreesOfAnonVmas() {
        assertFound("is freed with refcount 2 (I8)", found(cpu -> {
            long anonVma = lab.kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
            AnonVma.REFCOUNT.writeOnce(cpu, anonVma, 2);
            lab.kernel.anonVmas().cache().free(cpu, anonVma);
        }));
        List<String> found = found(cpu -> {
            long parent = lab.newMm(cpu, 1);
            lab.write(cpu, parent, 0, 1);
            long root = AnonVma.ROOT.readOnce(cpu, VmArea.ANON_VMA.readOnce(cpu, lab.vma(cpu, parent)));
            lab.kernel.mms().dupMm(cpu, parent);
            lab.kernel.anonVmas().cache().free(cpu, root);
        });
        assertTrue(found.stream().anyMatch(text -> text.contains("is freed while it is the root of anon_vma")));
        assertTrue(found.stream().anyMatch(text -> text.contains("is freed with VMAs on its list")));
    }

    @Test
    void shouldReportAnAnonVmaThatIsNotAsTheConstructorLeftIt() {
        assertFound("is allocated with refcount 1 (I8)", found(cpu -> {
            long anonVma = lab.kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
            lab.kernel.anonVmas().cache().free(cpu, anonVma);
            AnonVma.REFCOUNT.add(cpu, anonVma, 1);
            lab.kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
        }));
    }

    /** The page table entry of a page is not looked at, only that the page counts it. */
    @Test
    void shouldForgetPagesThatAreNoLongerMapped() {
        assertEquals(List.of(), found(cpu -> {
            long mm = lab.newMm(cpu, 1);
            lab.write(cpu, mm, 0, 1);
            long page = lab.kernel.pages().pageOf(Pte.frame(lab.pte(cpu, mm, 0)));
            Page.get(cpu, page);
            lab.kernel.mms().mmput(cpu, mm);
            lab.kernel.pages().putPage(cpu, page);
        }));
    }
}
