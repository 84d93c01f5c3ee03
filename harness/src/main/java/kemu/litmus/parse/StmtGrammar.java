package kemu.litmus.parse;

import static kemu.litmus.parse.Lexer.keyword;
import static kemu.litmus.parse.Lexer.op;

import java.util.List;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ast.Stmt;
import org.jparsec.Parser;
import org.jparsec.Parsers;

/** Statements and processes. */
final class StmtGrammar {
    /** Numbers of processes are below. */
    static final int MAX_PROCESSES = 63;

    private final ExprGrammar exprs;
    private final Parser<Stmt> block;

    StmtGrammar(ExprGrammar exprs) {
        this.exprs = exprs;
        Parser.Reference<Stmt> self = Parser.newReference();
        Parser<Stmt> inner = self.lazy();
        block = Parsers.between(op("{"), inner.many(), op("}")).map(Stmt.Block::new);
        self.set(Parsers.or(
                block,
                op(";").retn(new Stmt.Block(List.of())),
                leave(),
                Lexer.softName()
                        .peek()
                        .next(exprs.any().<Stmt>map(Stmt.Eval::new).followedBy(op(";"))),
                declaration(),
                branch(inner),
                loops(inner),
                forLoop(inner),
                exprs.any().<Stmt>map(Stmt.Eval::new).followedBy(op(";"))));
    }

    private Parser<Expr> test() {
        return Parsers.between(op("("), exprs.any(), op(")"));
    }

    private Parser<Stmt> branch(Parser<Stmt> inner) {
        return Parsers.sequence(
                keyword("if").next(test()),
                inner,
                keyword("else").next(inner).asOptional(),
                (test, yes, no) -> new Stmt.If(test, yes, no.orElse(null)));
    }

    private Parser<Stmt> loops(Parser<Stmt> inner) {
        Parser<Stmt> whileLoop = Parsers.sequence(
                exprs.line(),
                keyword("while").next(test()),
                inner,
                (line, test, body) -> new Stmt.Loop(null, test, null, body, true, line));
        Parser<Stmt> doLoop = Parsers.sequence(
                exprs.line(),
                keyword("do").next(inner),
                keyword("while").next(test()).followedBy(op(";")),
                (line, body, test) -> new Stmt.Loop(null, test, null, body, false, line));
        return Parsers.or(whileLoop, doLoop);
    }

    private Parser<Stmt> forLoop(Parser<Stmt> inner) {
        Parser<Stmt> first = Parsers.or(
                declaration(),
                op(";").retn(new Stmt.Block(List.of())),
                exprs.any().<Stmt>map(Stmt.Eval::new).followedBy(op(";")));
        return Parsers.sequence(
                exprs.line(),
                keyword("for").next(op("(")).next(first),
                exprs.any().asOptional().followedBy(op(";")),
                exprs.any().asOptional().followedBy(op(")")),
                inner,
                (line, before, test, after, body) ->
                        new Stmt.Loop(before, test.orElse(new Expr.Num(1)), after.orElse(null), body, true, line));
    }

    private Parser<Stmt> leave() {
        return Parsers.sequence(
                        exprs.line(),
                        Parsers.or(keyword("break"), keyword("continue"), keyword("return"))
                                .followedBy(op(";")),
                        (line, how) -> (Stmt) new Stmt.Leave(how, line))
                .atomic();
    }

    private Parser<Stmt> declaration() {
        Parser<Stmt> one = Parsers.sequence(
                exprs.line(),
                op("*").skipMany().next(ExprGrammar.VARIABLE),
                op("=").next(exprs.single()).asOptional(),
                (line, name, initial) -> new Stmt.Declare(name, initial.orElse(null), line));
        return Types.TYPE
                .next(one.sepBy1(op(",")))
                .followedBy(op(";"))
                .map(list -> list.size() == 1 ? list.get(0) : new Stmt.Block(list));
    }

    /** {@code P0(int *x, spinlock_t *l) { ... }}. */
    Parser<LitmusTest.Process> process() {
        Parser<?> star = Parsers.or(op("*"), Lexer.word(Types::isTypeWord, "type"));
        Parser<String> parameter = Parsers.sequence(
                Types.TYPE,
                star.skipMany().next(ExprGrammar.VARIABLE),
                Parsers.sequence(op("["), Lexer.number().asOptional(), op("]")).skipMany(),
                (type, name, array) -> name);
        Parser<List<String>> nothing =
                keyword("void").followedBy(op(")").peek()).atomic().retn(List.of());
        Parser<List<String>> parameters = Parsers.or(nothing, parameter.sepBy(op(",")));
        return Parsers.sequence(
                exprs.line(),
                Parsers.or(keyword("static"), keyword("void")).skipMany().next(processName()),
                Parsers.between(op("("), parameters, op(")")),
                block,
                (line, number, names, body) -> new LitmusTest.Process(number, names, body, line));
    }

    private static Parser<Integer> processName() {
        return Lexer.word(w -> w.matches("P[0-9]{1,4}"), "process such as P0")
                .map(w -> Integer.parseInt(w.substring(1)));
    }
}
