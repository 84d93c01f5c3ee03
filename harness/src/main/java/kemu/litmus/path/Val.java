package kemu.litmus.path;

import kemu.litmus.ir.Operator;

/** A value in a process, with the reads (bit per ordinal) that were used to compute it: these carry dependencies. */
record Val(Sym sym, long deps) {
    static final Val ZERO = new Val(Sym.ZERO, 0);

    static Val of(long value) {
        return value == 0 ? ZERO : new Val(Sym.of(value), 0);
    }

    static Val of(Operator op, Val a, Val b) {
        return new Val(Sym.of(op, a.sym, b.sym), a.deps | b.deps);
    }

    Val with(long more) {
        return new Val(sym, deps | more);
    }
}
