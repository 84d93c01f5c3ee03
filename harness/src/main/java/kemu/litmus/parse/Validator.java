package kemu.litmus.parse;

import java.util.HashSet;
import java.util.Set;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.lower.Names;

/**
 * Refuses tests that can be read but hardly mean what they say: names that stand for nothing, and no question. herd7
 * takes some of these for zero.
 */
final class Validator {
    private final LitmusTest test;
    private final Names names;

    private Validator(LitmusTest test) {
        this.test = test;
        this.names = new Names(test);
    }

    /** Throws {@link LitmusException} naming the line. */
    static void check(LitmusTest test) {
        Validator validator = new Validator(test);
        validator.init();
        test.processes().forEach(validator::process);
        validator.question();
    }

    private void init() {
        Set<String> seen = new HashSet<>();
        for (LitmusTest.Global global : test.globals()) {
            if (!seen.add(global.name())) {
                throw new LitmusException(global.line(), "'" + global.name() + "' is initialised twice");
            }
            global.initial().forEach(value -> exists(value, global.line()));
        }
        for (LitmusTest.Register register : test.registers()) {
            Item.Reg reg = register.register();
            exists(reg, register.line());
            if (!seen.add(reg.label())) {
                throw new LitmusException(register.line(), "'" + reg.label() + "' is initialised twice");
            }
            if (test.processes().get(reg.process()).parameters().contains(reg.name())) {
                throw new LitmusException(register.line(), "'" + reg.label() + "' is a parameter");
            }
            if (register.value() != null) {
                exists(register.value(), register.line());
            }
        }
    }

    private void exists(Item item, int line) {
        String missing = names.missing(item);
        // The address of a variable that nobody else names is a value like any other.
        if (missing != null && !(item instanceof Item.Address)) {
            throw new LitmusException(line, missing);
        }
    }

    private void process(LitmusTest.Process process) {
        Set<String> parameters = new HashSet<>();
        for (String parameter : process.parameters()) {
            if (!parameters.add(parameter)) {
                throw new LitmusException(process.line(), "a second parameter '" + parameter + "'");
            }
        }
        for (Expr.Name name : names.uses(process.number()).taken()) {
            if (!names.knows(process.number(), name.name())) {
                String hint = names.isShared(name.name()) ? " (a shared variable must be its parameter)" : "";
                throw new LitmusException(
                        name.line(), "P" + process.number() + " has no variable '" + name.name() + "'" + hint);
            }
        }
    }

    private void question() {
        if (test.quantifier() == null && test.locations().isEmpty()) {
            throw new LitmusException(test.questionLine(), "no condition (exists, ~exists or forall)");
        }
        Names.items(test.condition(), this::asked);
        if (test.filter() != null) {
            Names.items(test.filter(), this::asked);
        }
    }

    private void asked(Item item) {
        String missing = names.missing(item);
        if (missing != null) {
            throw new LitmusException(test.questionLine(), missing);
        }
    }
}
