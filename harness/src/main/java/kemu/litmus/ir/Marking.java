package kemu.litmus.ir;

/** How an access is marked in the source. */
public enum Marking {
    /** Not at all: the compiler may do with it what it likes. */
    PLAIN,
    /** READ_ONCE, WRITE_ONCE and their like. */
    ONCE,
    /** As once, of a pointer that RCU protects: rcu_dereference, rcu_assign_pointer. */
    RCU
}
