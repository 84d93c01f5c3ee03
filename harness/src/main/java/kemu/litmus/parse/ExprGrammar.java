package kemu.litmus.parse;

import static kemu.litmus.parse.Lexer.op;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import kemu.litmus.ast.Expr;
import org.jparsec.OperatorTable;
import org.jparsec.Parser;
import org.jparsec.Parsers;

/** Expressions with C's precedence. */
final class ExprGrammar {
    private final Parser.Reference<Expr> assignment = Parser.newReference();

    /** The name of a variable or function. */
    static final Parser<String> NAME = Lexer.word(w -> !Lexer.KEYWORDS.contains(w) && !Types.isTypeWord(w), "name");

    /** The name of a variable where it is declared. */
    static final Parser<String> VARIABLE = Parsers.or(NAME, Lexer.softWord());

    ExprGrammar() {
        Parser<Expr> conditional = conditional(table(primary()));
        Parser<String> assignOp = Parsers.or(
                binary("=", ""),
                Parsers.or(List.of("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>").stream()
                        .map(o -> binary(o + "=", o))
                        .toList()));
        Parser<Expr> rest = Parsers.sequence(
                conditional,
                Parsers.sequence(line(), assignOp, assignment.lazy(), (line, how, value) ->
                                (Function<Expr, Expr>) left -> new Expr.Assign(how, left, value, line))
                        .optional(Function.identity()),
                (left, assign) -> assign.apply(left));
        assignment.set(rest);
    }

    private static Parser<String> binary(String token, String name) {
        return op(token).retn(name);
    }

    /** Line of the next token. */
    Parser<Integer> line() {
        return Parsers.SOURCE_LOCATION.map(place -> place.getLine());
    }

    /** Without the comma operator, as arguments and initialisers are. */
    Parser<Expr> single() {
        return assignment.lazy();
    }

    /** Any expression. */
    Parser<Expr> any() {
        return single().sepBy1(op(",")).map(list -> {
            Expr all = list.get(0);
            for (Expr next : list.subList(1, list.size())) {
                all = new Expr.Binary(",", all, next);
            }
            return all;
        });
    }

    private Parser<Expr> primary() {
        Parser<Expr> call = Parsers.sequence(
                line(),
                NAME,
                Parsers.between(op("("), single().sepBy(op(",")), op(")")).asOptional(),
                (line, name, args) ->
                        args.<Expr>map(a -> new Expr.Call(name, a, line)).orElseGet(() -> new Expr.Name(name, line)));
        Parser<Expr> soft = Parsers.sequence(line(), Lexer.softName(), (line, name) -> (Expr) new Expr.Name(name, line))
                .atomic();
        Parser<Expr> number = Lexer.number().map(Expr.Num::new);
        Parser<Expr> nested = Parsers.between(op("("), single().sepBy1(op(",")).map(ExprGrammar::comma), op(")"));
        return Parsers.or(number, call, soft, nested);
    }

    private static Expr comma(List<Expr> list) {
        return list.stream().reduce((a, b) -> new Expr.Binary(",", a, b)).orElseThrow();
    }

    private Parser<Expr> table(Parser<Expr> primary) {
        OperatorTable<Expr> table = new OperatorTable<>();
        table.postfix(
                Parsers.sequence(
                        line(),
                        Parsers.between(op("["), single(), op("]")),
                        (line, i) -> a -> new Expr.Index(a, i, line)),
                100);
        for (int step = -1; step <= 1; step += 2) {
            int by = step;
            Parser<Integer> token = line().followedBy(op(step > 0 ? "++" : "--"));
            table.postfix(token.map(line -> (Function<Expr, Expr>) e -> new Expr.Step(e, by, true, line)), 100);
            table.prefix(token.map(line -> (Function<Expr, Expr>) e -> new Expr.Step(e, by, false, line)), 90);
        }
        for (String unary : List.of("*", "&", "-", "+", "!", "~")) {
            table.prefix(
                    line().followedBy(op(unary))
                            .map(line -> (Function<Expr, Expr>) e -> new Expr.Unary(unary, e, line)),
                    90);
        }
        table.prefix(cast(), 90);
        String[][] levels = {
            {"*", "/", "%"},
            {"+", "-"},
            {"<<", ">>"},
            {"<", ">", "<=", ">="},
            {"==", "!="},
            {"&"},
            {"^"},
            {"|"},
            {"&&"},
            {"||"}
        };
        for (int i = 0; i < levels.length; i++) {
            for (String infix : levels[i]) {
                BiFunction<Expr, Expr, Expr> make = (a, b) -> new Expr.Binary(infix, a, b);
                table.infixl(op(infix).retn(make), 80 - i);
            }
        }
        return table.build(primary);
    }

    private static Parser<Function<Expr, Expr>> cast() {
        Parser<Function<Expr, Expr>> inner = Parsers.sequence(
                Types.TYPE,
                op("*").many(),
                (type, stars) -> e -> new Expr.Cast(stars.isEmpty() ? type.bits() : 64, type.signed(), e));
        return Parsers.between(op("("), inner, op(")")).atomic();
    }

    private Parser<Expr> conditional(Parser<Expr> condition) {
        Parser.Reference<Expr> self = Parser.newReference();
        Parser<Expr> parser = Parsers.sequence(
                condition,
                Parsers.sequence(Parsers.between(op("?"), single(), op(":")), self.lazy(), (yes, no) ->
                                (Function<Expr, Expr>) test -> new Expr.Ternary(test, yes, no))
                        .optional(Function.identity()),
                (test, arms) -> arms.apply(test));
        self.set(parser);
        return parser;
    }
}
