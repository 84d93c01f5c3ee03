package kemu.check;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.mm.Kernel;
import kemu.mm.KernelAudit;
import kemu.mm.rmap.AnonVmaWatch;

/**
 * Invariants of reverse mapping as it runs ({@link AnonVmaWatch}), and accounting of pages, references, LRU lists,
 * address spaces and anon_vmas when all is quiet ({@link KernelAudit}).
 */
final class MmOracle implements Oracle {
    private EmuMachine machine;
    private Kernel kernel;
    private AnonVmaWatch rmap;
    private KernelAudit audit;
    private final List<KernelBug> audited = new ArrayList<>();

    @Override
    public void attach(EmuMachine of, Kernel booted) {
        machine = of;
        kernel = booted;
        rmap = new AnonVmaWatch(machine, kernel.pages(), kernel.slabs(), kernel.anonVmas());
    }

    @Override
    public void sceneBuilt() {
        rmap.scan();
        audit = new KernelAudit(machine, kernel, rmap);
    }

    @Override
    public void begin() {
        rmap.begin();
        audited.clear();
    }

    @Override
    public boolean judge(Cpu cpu) {
        String wrong = audit.audit(cpu);
        if (wrong.isEmpty()) {
            return true;
        }
        audited.add(new KernelBug("BUG: accounting at rest:\n" + wrong));
        return false;
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(rmap.found());
        Findings.fail(audited);
    }

    @Override
    public List<String> notes() {
        List<String> lines = new ArrayList<>(Findings.lines(rmap.found()));
        lines.addAll(Findings.lines(audited));
        return lines;
    }
}
