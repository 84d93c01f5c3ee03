package kemu.litmus;

import java.util.Arrays;
import java.util.stream.Collectors;
import kemu.hw.cache.MemoryModel;

/** Memory models, from the strictest to the most relaxed; the last two differ in what they know. */
public enum Model {
    /** Sequentially consistent. */
    SC(MemoryModel.SC),
    /** x86: stores may be delayed past later loads. */
    TSO(MemoryModel.TSO),
    /** A machine in the manner of ARMv8: dependencies, barriers, acquire and release order, nothing else. */
    WEAK(MemoryModel.WEAK),
    /** The Linux kernel memory model, newest: exact SRCU sections, dependencies carried through memory. */
    LKMM("lkmm"),
    /** The same as of Linux 6.1. */
    LKMM_6_1("lkmm-6.1");

    private final String label;
    private final MemoryModel machine;

    Model(MemoryModel machine) {
        label = machine.label();
        this.machine = machine;
    }

    Model(String label) {
        this.label = label;
        machine = null;
    }

    /** The machine whose axioms these are; null of a model that no machine has. */
    public MemoryModel machine() {
        return machine;
    }

    /** As given on the command line and printed. */
    public String label() {
        return label;
    }

    /** The model called {@code label} in any case; null if there is none. */
    public static Model of(String label) {
        return Arrays.stream(values())
                .filter(model -> model.label.equalsIgnoreCase(label))
                .findFirst()
                .orElse(null);
    }

    /** All labels, separated by commas. */
    public static String labels() {
        return Arrays.stream(values()).map(Model::label).collect(Collectors.joining(", "));
    }
}
