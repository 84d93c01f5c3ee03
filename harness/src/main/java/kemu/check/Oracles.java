package kemu.check;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.mm.Kernel;

/** All oracles of a check; every one is on. */
final class Oracles {
    private final List<Oracle> all = List.of(new SlabOracle(), new LockOracle(), new RaceOracle());

    /** Begins to watch a machine that has booted. */
    void attach(EmuMachine machine, Kernel kernel) {
        for (Oracle one : all) {
            one.attach(machine, kernel);
        }
    }

    /** See {@link Oracle#sceneBuilt}. */
    void sceneBuilt() {
        for (Oracle one : all) {
            one.sceneBuilt();
        }
    }

    /** See {@link Oracle#begin}. */
    void begin() {
        for (int i = 0; i < all.size(); i++) {
            all.get(i).begin();
        }
    }

    /** See {@link Oracle#ended}. */
    void ended(Cpu cpu) {
        for (int i = 0; i < all.size(); i++) {
            all.get(i).ended(cpu);
        }
    }

    /** See {@link Oracle#finished}. */
    void finished(Cpu cpu) {
        for (int i = 0; i < all.size(); i++) {
            all.get(i).finished(cpu);
        }
    }

    /** See {@link Oracle#keepStacks}. */
    void keepStacks(boolean value) {
        for (Oracle one : all) {
            one.keepStacks(value);
        }
    }

    /** See {@link Oracle#notes}. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        for (Oracle one : all) {
            notes.addAll(one.notes());
        }
        return notes;
    }
}
