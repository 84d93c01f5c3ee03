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

/**
 * The order of the two halves of a lookup: what was verified before the pin may have changed by the time of the pin.
 */
final class VerifyFirst implements SlabScenario {
    @Override
    public String name() {
        return "slab-verify-first";
    }

    @Override
    public String description() {
        return "the key of a looked-up object is verified before or after it is pinned, against free and reuse";
    }

    @Override
    public List<String> variants() {
        return List.of("pin-then-verify", "verify-then-pin");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("verify-then-pin")
                ? Expectation.fails(FailureKind.WRONG_OBJECT)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        ConnTable conns = new ConnTable(kernel, boot, SlabAllocator.SLAB_DESTROY_BY_RCU);
        conns.add(boot, ConnTable.A);
        boolean pinFirst = variant.equals("pin-then-verify");
        scene.task(0, "lookup", conns.lookup(ConnTable.A, (cpu, conn) -> {
            if (pinFirst ? pinned(cpu, conns, conn) : verified(cpu, conn)) {
                conns.act(cpu, conn, ConnTable.A);
                conns.put(cpu, conn);
            }
        }));
        scene.task(1, "remove+add", conns::replace);
        return cpu -> {
            conns.remove(cpu, ConnTable.B);
            conns.checkCount(cpu, 0);
        };
    }

    private static boolean pinned(Cpu cpu, ConnTable conns, long conn) {
        if (!Conn.TYPE.pin(cpu, conn)) {
            return false;
        }
        if (Conn.KEY.readOnce(cpu, conn) == ConnTable.A) {
            return true;
        }
        conns.put(cpu, conn);
        return false;
    }

    /** Known bad: the key may change between the two. */
    private static boolean verified(Cpu cpu, long conn) {
        return Conn.KEY.readOnce(cpu, conn) == ConnTable.A && Conn.TYPE.pin(cpu, conn);
    }
}
