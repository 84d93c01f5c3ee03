package kemu.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kemu.check.scenario.SceneBroken;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.mm.Kernel;
import kemu.mm.KernelAudit;
import kemu.mm.rmap.AnonVmaWatch;

/**
 * Watches the invariants of reverse mapping in every step ({@link AnonVmaWatch}), and audits pages, references, LRU
 * lists, address spaces and anon_vmas when all tasks have ended ({@link KernelAudit}).
 */
final class MmOracle implements Oracle {
    private final Set<KernelAudit.Section> excused;
    private EmuMachine machine;
    private Kernel kernel;
    private AnonVmaWatch rmap;
    private KernelAudit audit;
    private final List<KernelBug> audited = new ArrayList<>();

    /** {@code excused} sections of the audit do not hold of the scene, as the scenario says. */
    MmOracle(Set<KernelAudit.Section> excused) {
        this.excused = excused;
    }

    @Override
    public void attach(EmuMachine of, Kernel booted) {
        machine = of;
        kernel = booted;
        rmap = new AnonVmaWatch(machine, kernel.pages(), kernel.slabs(), kernel.anonVmas());
    }

    @Override
    public void sceneBuilt() {
        rmap.scan();
        audit = new KernelAudit(machine, kernel, rmap, excused);
        for (KernelAudit.Section section : KernelAudit.Section.values()) {
            String wrong = audit.wrong(machine.bootCpu(), section);
            if (excused.contains(section) == wrong.isEmpty()) {
                throw new SceneBroken("audit of " + section + " before anything ran: "
                        + (wrong.isEmpty() ? "it holds, though the scenario says that it cannot" : firstLine(wrong)));
            }
        }
    }

    private static String firstLine(String wrong) {
        return wrong.lines().findFirst().orElse("");
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
        audited.add(new KernelBug(FailureKind.ACCOUNTING, "BUG: accounting at rest:\n" + wrong));
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
