package kemu.check;

import java.util.ArrayList;
import java.util.List;
import kemu.check.scenario.Scenario;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.mm.Kernel;
import org.agrona.collections.LongHashSet;

/** All oracles of a check; every one is on. */
final class Oracles {
    private static final int MOST_STATES = 1 << 20;

    private final List<Oracle> all;
    private final LongHashSet good = new LongHashSet();

    private Oracles(List<Oracle> all) {
        this.all = all;
    }

    /** All there are, for the scene of {@code variant}. */
    static Oracles of(Scenario scenario, String variant) {
        return new Oracles(List.of(
                new SlabOracle(),
                new LockOracle(),
                new LockOrderOracle(),
                new RcuOracle(),
                new RmapWalkOracle(),
                new MmOracle(scenario.notAudited(variant).keySet()),
                new UserOracle(),
                new RaceOracle()));
    }

    /** The same without those of type {@code disarmed}: for tests of what is then no longer found. */
    Oracles without(Class<? extends Oracle> disarmed) {
        return new Oracles(all.stream().filter(one -> !disarmed.isInstance(one)).toList());
    }

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

    /** See {@link Oracle#ended}; {@code state} is a hash of memory. */
    void ended(Cpu cpu, long state) {
        for (int i = 0; i < all.size(); i++) {
            all.get(i).ended(cpu);
        }
        judge(cpu, state);
    }

    /** See {@link Oracle#judge}. */
    private void judge(Cpu cpu, long state) {
        if (good.contains(state)) {
            return;
        }
        boolean isGood = true;
        for (int i = 0; i < all.size(); i++) {
            isGood &= all.get(i).judge(cpu);
        }
        if (isGood && good.size() < MOST_STATES) {
            good.add(state);
        }
    }

    /** See {@link Oracle#finished}; {@code state} is a hash of memory. */
    void finished(Cpu cpu, long state) {
        judge(cpu, state);
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

    /** See {@link Oracle#dependsOnTlb}. */
    boolean dependsOnTlb() {
        return all.stream().anyMatch(Oracle::dependsOnTlb);
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
