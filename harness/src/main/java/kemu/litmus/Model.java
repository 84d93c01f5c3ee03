package kemu.litmus;

/** Memory models, from the strictest to the most relaxed. */
public enum Model {
    /** Sequentially consistent. */
    SC,
    /** x86: stores may be delayed past later loads. */
    TSO,
    /** A machine in the manner of ARMv8: dependencies, barriers, acquire and release order, nothing else. */
    WEAK,
    /** The Linux kernel memory model. */
    LKMM
}
