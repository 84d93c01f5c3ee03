package kemu.check.dump;

import java.io.IOException;
import java.nio.file.Path;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Machine;
import kemu.mm.Kernel;

/** A machine that was booted to be looked at, with the memory of a dump in it. */
interface DumpedMachine extends AutoCloseable {
    /** The machine; it never runs. */
    Machine machine();

    /** The kernel booted on it. */
    Kernel kernel();

    /** The CPU to look with. */
    Cpu cpu();

    /** True if frame number {@code pfn} is in the dump. */
    boolean holds(int pfn);

    @Override
    void close();

    /** The machine of a check, with what {@code dir} holds. */
    static DumpedMachine ofCheck(Path dir, Dump dump) throws IOException, Dump.Malformed {
        Check check;
        try {
            check = new Check(Subject.of(dump.scenario(), dump.options()));
        } catch (IllegalArgumentException unknown) {
            throw new Dump.Malformed(unknown.getMessage());
        }
        try {
            dump.requireScene(check.sceneHash());
            EmuMachine machine = check.machine();
            dump.load(
                    dir,
                    machine.frames().count(),
                    (address, word) -> machine.frames().put(address, Long.BYTES, word));
        } catch (IOException | Dump.Malformed failed) {
            check.close();
            throw failed;
        }
        return new OfCheck(check);
    }

    /** See {@link #ofCheck}. */
    record OfCheck(Check check) implements DumpedMachine {
        @Override
        public Machine machine() {
            return check.machine();
        }

        @Override
        public Kernel kernel() {
            return check.kernel();
        }

        @Override
        public Cpu cpu() {
            return check.machine().cpu(0);
        }

        @Override
        public boolean holds(int pfn) {
            return check.machine().frames().isTouched(pfn);
        }

        @Override
        public void close() {
            check.close();
        }
    }
}
