package kemu.litmus;

import java.util.List;
import java.util.stream.Stream;
import kemu.hw.cache.MemoryModel;

/**
 * A memory model that litmus tests are judged by. It has axioms, by which final states are derived; or it is a machine
 * without any, of a plugin, on which tests are executed. Immutable; equal to any other of its label.
 */
public final class Model implements Comparable<Model> {
    /** Sequentially consistent. */
    public static final Model SC = new Model(Axioms.SC, MemoryModel.SC.label(), MemoryModel.SC);
    /** x86: stores may be delayed past later loads. */
    public static final Model TSO = new Model(Axioms.TSO, MemoryModel.TSO.label(), MemoryModel.TSO);
    /** A machine in the manner of ARMv8: dependencies, barriers, acquire and release order, nothing else. */
    public static final Model WEAK = new Model(Axioms.WEAK, MemoryModel.WEAK.label(), MemoryModel.WEAK);
    /** The Linux kernel memory model, newest: exact SRCU sections, dependencies carried through memory. */
    public static final Model LKMM = new Model(Axioms.LKMM, "lkmm", null);
    /** The same as of Linux 6.1. */
    public static final Model LKMM_6_1 = new Model(Axioms.LKMM_6_1, "lkmm-6.1", null);

    private static final List<Model> WITH_AXIOMS = List.of(SC, TSO, WEAK, LKMM, LKMM_6_1);

    private final Axioms axioms;
    private final String label;
    private final MemoryModel machine;

    /** Which axioms a model has. */
    public enum Axioms {
        /** Of {@link Model#SC}. */
        SC,
        /** Of {@link Model#TSO}. */
        TSO,
        /** Of {@link Model#WEAK}. */
        WEAK,
        /** Of {@link Model#LKMM}. */
        LKMM,
        /** Of {@link Model#LKMM_6_1}. */
        LKMM_6_1
    }

    private Model(Axioms axioms, String label, MemoryModel machine) {
        this.axioms = axioms;
        this.label = label;
        this.machine = machine;
    }

    /** The models with axioms, from the strictest to the most relaxed; the last two differ in what they know. */
    public static List<Model> withAxioms() {
        return WITH_AXIOMS;
    }

    /** The same, and then the machines of plugins. */
    public static List<Model> all() {
        return Stream.concat(
                        WITH_AXIOMS.stream(),
                        MemoryModel.foreign().stream().map(one -> new Model(null, one.label(), one)))
                .toList();
    }

    /** Its axioms; null of a model that only a machine has. */
    public Axioms axioms() {
        return axioms;
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
        return all().stream()
                .filter(model -> model.label.equalsIgnoreCase(label))
                .findFirst()
                .orElse(null);
    }

    private int rank() {
        return axioms == null ? Axioms.values().length : axioms.ordinal();
    }

    /** In the order of {@link #withAxioms}, then machines by name. */
    @Override
    public int compareTo(Model other) {
        return rank() != other.rank() ? Integer.compare(rank(), other.rank()) : label.compareTo(other.label);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Model model && model.label.equals(label);
    }

    @Override
    public int hashCode() {
        return label.hashCode();
    }

    @Override
    public String toString() {
        return label;
    }
}
