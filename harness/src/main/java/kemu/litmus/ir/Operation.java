package kemu.litmus.ir;

import java.util.List;

/**
 * One step of a routine. {@code line} is where in the file it comes from; a register to fill in is a number, -1 for
 * none.
 */
public sealed interface Operation {
    /** No register. */
    int NOWHERE = -1;

    /** {@code to} gets {@code value}. */
    record Assign(int to, Value value, int line) implements Operation {}

    /** {@code to} gets what stands at {@code address}. */
    record Load(int to, Value address, Marking marking, MemoryOrder order, int line) implements Operation {}

    /** {@code value} is put to {@code address}. */
    record Store(Value address, Value value, Marking marking, MemoryOrder order, int line) implements Operation {}

    /**
     * At once, {@code old} gets what stands at {@code address}, and old {@code change} operand is put there.
     *
     * @param change null to exchange: then the operand itself is put
     * @param returns false for an atomic that tells nothing, and so orders nothing
     */
    record Rmw(int old, Value address, Operator change, Value operand, boolean returns, MemoryOrder order, int line)
            implements Operation {}

    /**
     * At once, {@code old} gets what stands at {@code address}, and if that is {@code expected}, {@code desired} is
     * put.
     */
    record CompareExchange(int old, Value address, Value expected, Value desired, MemoryOrder order, int line)
            implements Operation {}

    /**
     * At once, {@code old} gets what stands at {@code address}, and if then {@code when} holds, the sum of old and
     * {@code by} is put. {@code done} tells whether it was.
     *
     * @param when of the register {@code old}, computed when it is filled in
     */
    record AddIf(int old, int done, Value address, Value when, Value by, MemoryOrder order, int line)
            implements Operation {}

    /** Loads from {@code address} into {@code seen}, and executes {@code test}, until {@code holds} is not zero. */
    record Await(int seen, Value address, MemoryOrder order, List<Operation> test, Value holds, int line)
            implements Operation {}

    /** A fence. */
    record Fence(Kind kind, int line) implements Operation {
        /** What it keeps in order. */
        public enum Kind {
            MB,
            RMB,
            WMB,
            /** Of the compiler alone. */
            COMPILER,
            /** Of the compiler, and a hint that this is a loop that waits. */
            RELAX,
            BEFORE_ATOMIC,
            AFTER_ATOMIC,
            AFTER_SPINLOCK,
            AFTER_UNLOCK_LOCK,
            AFTER_SRCU_UNLOCK
        }
    }

    /** Something done to the spinlock at {@code lock}; {@code to} gets whether it was taken, or is. */
    record Lock(Action action, int to, Value lock, int line) implements Operation {
        /** What is done. */
        public enum Action {
            LOCK,
            UNLOCK,
            /** With interrupts off. */
            LOCK_IRQ,
            UNLOCK_IRQ,
            TRYLOCK,
            IS_LOCKED
        }
    }

    /** An operation of RCU. */
    record Rcu(Action action, int line) implements Operation {
        /** What is done. */
        public enum Action {
            READ_LOCK,
            READ_UNLOCK,
            SYNCHRONIZE
        }
    }

    /**
     * An operation on the srcu_struct at {@code domain}.
     *
     * @param to gets the cookie of a reader that begins
     * @param cookie is handed back by a reader that ends
     * @param passedOn whether the reader may end in another process
     */
    record Srcu(Action action, int to, Value domain, Value cookie, boolean passedOn, int line) implements Operation {
        /** What is done. */
        public enum Action {
            READ_LOCK,
            READ_UNLOCK,
            SYNCHRONIZE
        }
    }

    /** One of two lists. */
    record If(Value test, List<Operation> yes, List<Operation> no, int line) implements Operation {}

    /** As long as {@code holds} is not zero after {@code test}: body, then after. {@code testFirst} is false for do. */
    record Loop(
            List<Operation> test, Value holds, List<Operation> body, List<Operation> after, boolean testFirst, int line)
            implements Operation {}

    /** Leaves a turn, a loop, or the routine. */
    record Leave(How how, int line) implements Operation {
        /** What is left. */
        public enum How {
            BREAK,
            CONTINUE,
            RETURN
        }
    }

    /** Where in the file it comes from, 0 if not known. */
    int line();
}
