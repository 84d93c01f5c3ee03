package kemu.litmus.parse;

import static kemu.litmus.parse.Lexer.keyword;
import static kemu.litmus.parse.Lexer.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest.Global;
import kemu.litmus.ast.LitmusTest.Process;
import kemu.litmus.ast.LitmusTest.Register;
import org.jparsec.OperatorTable;
import org.jparsec.Parser;
import org.jparsec.Parsers;

/** Everything around the processes: initial values and what is asked of the final states. */
final class TestGrammar {
    /** What the init section may hold. */
    sealed interface Init {
        /** A shared variable. */
        record Shared(Global global) implements Init {}

        /** A local variable of a process. */
        record Local(Register register) implements Init {}
    }

    /** {@code exists} and its like; {@code from} and {@code to} are offsets in the file. */
    record Question(String quantifier, Cond condition, int from, int to) {}

    /** Initial values, in braces or alone. */
    record Values(List<Item> all, boolean braces) {}

    /** What follows the processes. */
    record Tail(List<Item> locations, Cond filter, Question question) {}

    /** A parsed file without its first lines. */
    record Body(List<Init> init, List<Process> processes, Tail tail) {}

    private static final Parser<String> NAME = ExprGrammar.VARIABLE;
    private static final int MAX_ELEMENTS = 64;

    private TestGrammar() {}

    static Parser<Body> file(StmtGrammar statements) {
        Parser<List<Init>> init = Parsers.between(
                        op("{"), initial().followedBy(op(";").skipMany()).many(), op("}"))
                .followedBy(op(";").skipMany());
        return Parsers.sequence(init, statements.process().many1(), tail(), Body::new);
    }

    private static Parser<Init> initial() {
        Parser<Item> value = Parsers.sequence(
                Parsers.between(op("("), Types.TYPE.followedBy(op("*").skipMany()), op(")"))
                        .atomic()
                        .asOptional(),
                Parsers.or(macro(), content(), value(), Parsers.between(op("("), value(), op(")"))),
                (cast, v) -> v);
        Parser<List<Item>> values = Parsers.between(op("{"), value.sepEndBy(op(",")), op("}"));
        Parser<Values> given =
                Parsers.or(values.map(all -> new Values(all, true)), value.map(one -> new Values(List.of(one), false)));
        Parser<Init> local =
                Parsers.sequence(line(), register(), op("=").next(value).asOptional(), (line, reg, v) ->
                        (Init) new Init.Local(new Register(reg, v.orElse(null), line)));
        Parser<Init> shared = Parsers.sequence(
                line(),
                Parsers.or(Parsers.between(op("["), NAME, op("]")), NAME),
                Parsers.between(op("["), Lexer.number().asOptional(), op("]")).asOptional(),
                op("=").next(given).asOptional(),
                TestGrammar::global);
        Parser<?> type = Types.TYPE.asOptional().followedBy(op("*").skipMany());
        return type.next(Parsers.or(local, shared));
    }

    private static Parser<Integer> line() {
        return Parsers.SOURCE_LOCATION.map(place -> place.getLine());
    }

    private static Parser<Item> macro() {
        return Lexer.word(w -> w.equals("ATOMIC_INIT") || w.equals("ATOMIC64_INIT"), "initial value")
                .next(Parsers.between(op("("), value(), op(")")));
    }

    /** {@code *(&name)}, by which another checker writes the address of the first word of an array. */
    private static Parser<Item> content() {
        Parser<String> of = Parsers.or(Parsers.between(op("("), op("&").next(NAME), op(")")), op("&").next(NAME));
        return op("*").next(of).map(Item.Content::new);
    }

    private static Init global(int line, String name, Optional<Optional<Long>> array, Optional<Values> values) {
        List<Item> initial = values.map(Values::all).orElse(List.of());
        if (array.isPresent() && values.isPresent() && !values.get().braces()) {
            throw new LitmusException(line, "the elements of the array '" + name + "' must stand in braces");
        }
        long given = array.flatMap(count -> count).orElse(array.isPresent() ? Math.max(1L, initial.size()) : 1L);
        if (given < 1 || given > MAX_ELEMENTS) {
            throw new LitmusException(
                    line, "array '" + name + "' has " + given + " elements (allowed: 1.." + MAX_ELEMENTS + ")");
        }
        if (initial.size() > given) {
            throw new LitmusException(line, "'" + name + "' has " + given + " elements, not " + initial.size());
        }
        return new Init.Shared(new Global(name, (int) given, initial, line));
    }

    private static Parser<Item> value() {
        Parser<Item> number =
                Parsers.sequence(op("-").asOptional(), Lexer.number(), (m, n) -> new Item.Num(m.isPresent() ? -n : n));
        Parser<Long> element =
                Parsers.or(Parsers.between(op("["), Lexer.number(), op("]")), op("+").next(Lexer.number()));
        Parser<Item> named = Parsers.sequence(line(), NAME, element.asOptional(), (line, name, index) ->
                (Item) new Item.Address(name, small(line, index.orElse(0L), MAX_ELEMENTS)));
        Parser<Item> address = op("&").next(Parsers.or(named, Parsers.between(op("("), named, op(")"))));
        return Parsers.or(number, address, named);
    }

    private static Parser<Item.Reg> register() {
        return Parsers.sequence(
                line(),
                Lexer.number().followedBy(op(":")),
                NAME,
                (line, p, r) -> new Item.Reg((int) small(line, p, StmtGrammar.MAX_PROCESSES), r));
    }

    /** A number of processes or elements; what is not one is told with its line. */
    private static long small(int line, long number, long most) {
        if (number < 0 || number > most) {
            throw new LitmusException(line, "number out of range: " + Long.toUnsignedString(number));
        }
        return number;
    }

    private static Parser<Item> location() {
        Parser<Item> bracketed = Parsers.between(op("["), indexed(), op("]"));
        return Parsers.or(bracketed, op("*").skipMany().next(indexed()));
    }

    private static Parser<Item> indexed() {
        return Parsers.sequence(
                line(),
                NAME,
                Parsers.between(op("["), Lexer.number(), op("]")).asOptional(),
                (line, name, index) -> new Item.Loc(name, (int) small(line, index.orElse(0L), MAX_ELEMENTS)));
    }

    private static Parser<Item> item() {
        return Parsers.or(register().<Item>cast().atomic(), location());
    }

    private static Parser<Cond> condition() {
        Parser.Reference<Cond> self = Parser.newReference();
        Parser<BiFunction<Item, Item, Cond>> equal =
                Parsers.or(op("="), op("==")).retn((a, b) -> new Cond.Equal(a, b));
        Parser<BiFunction<Item, Item, Cond>> unequal =
                Parsers.or(op("!="), op("<>")).retn((a, b) -> new Cond.Not(new Cond.Equal(a, b)));
        Parser<Item> right = Parsers.or(register().<Item>cast().atomic(), value());
        Parser<Cond> atom =
                Parsers.sequence(item(), Parsers.or(equal, unequal), right, (a, relation, b) -> relation.apply(a, b));
        Parser<Cond> truth = keyword("true").<Cond>retn(new Cond.True());
        Parser<Cond> falsity = keyword("false").<Cond>retn(new Cond.Not(new Cond.True()));
        Parser<Cond> nested = Parsers.between(op("("), self.lazy(), op(")"));
        Parser<Cond> table = new OperatorTable<Cond>()
                .prefix(Parsers.or(op("~"), keyword("not")).retn(c -> new Cond.Not(c)), 30)
                .infixl(Parsers.or(op("/\\"), op("&&")).retn((a, b) -> new Cond.And(a, b)), 20)
                .infixl(Parsers.or(op("\\/"), op("||")).retn((a, b) -> new Cond.Or(a, b)), 10)
                .infixr(op("=>").retn((a, b) -> new Cond.Or(new Cond.Not(a), b)), 5)
                .build(Parsers.or(nested, truth, falsity, atom));
        self.set(table);
        return table;
    }

    private static Parser<Tail> tail() {
        Parser<List<Item>> locations = Parsers.between(
                        keyword("locations").next(op("[")),
                        item().followedBy(Types.TYPE.skipMany()).sepEndBy(op(";")),
                        op("]"))
                .followedBy(op(";").skipMany());
        Parser<Cond> filter = keyword("filter").next(condition());
        Parser<String> quantifier = Parsers.or(
                keyword("exists").retn("exists"),
                keyword("forall").retn("forall"),
                op("~").next(keyword("exists")).retn("~exists"));
        Parser<Question> question = Parsers.sequence(
                quantifier,
                Parsers.SOURCE_LOCATION,
                condition(),
                Parsers.SOURCE_LOCATION,
                (q, from, c, to) -> new Question(q, c, from.getIndex(), to.getIndex()));
        return Parsers.sequence(
                locations.many(),
                filter.asOptional(),
                locations.many(),
                question.asOptional(),
                locations.many(),
                (before, f, between, q, after) -> {
                    List<Item> all = new ArrayList<>();
                    List.of(before, between, after).forEach(part -> part.forEach(all::addAll));
                    return new Tail(all, f.orElse(null), q.orElse(null));
                });
    }
}
