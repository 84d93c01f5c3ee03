package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;

/** A lookup pins what it found; while it did, the object may have been freed and be somebody else's. */
final class SameLife implements SlabScenario {
    @Override
    public String name() {
        return "slab-same-life";
    }

    @Override
    public String description() {
        return "lookup and pin against free and reuse of the object: is it still the one that was looked up?";
    }

    @Override
    public List<String> variants() {
        return List.of("pin-verify", "pin-only");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("pin-only") ? Expectation.fails(FailureKind.WRONG_OBJECT) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        ConnTable conns = new ConnTable(kernel, boot, SlabAllocator.SLAB_DESTROY_BY_RCU);
        conns.add(boot, ConnTable.A);
        boolean verify = variant.equals("pin-verify");
        scene.task(0, "lookup", conns.lookup(ConnTable.A, (cpu, conn) -> {
            if (Conn.TYPE.pin(cpu, conn)) {
                if (!verify || Conn.KEY.readOnce(cpu, conn) == ConnTable.A) {
                    conns.act(cpu, conn, ConnTable.A);
                }
                conns.put(cpu, conn);
            }
        }));
        scene.task(1, "remove+add", conns::replace);
        return cpu -> {
            conns.checkCount(cpu, 1);
            conns.remove(cpu, ConnTable.B);
            conns.checkCount(cpu, 0);
        };
    }
}
