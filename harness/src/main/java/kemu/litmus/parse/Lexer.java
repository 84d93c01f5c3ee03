package kemu.litmus.parse;

import java.util.Set;
import java.util.function.Predicate;
import org.jparsec.Parser;
import org.jparsec.Parsers;
import org.jparsec.Scanners;
import org.jparsec.Terminals;
import org.jparsec.Tokens;
import org.jparsec.pattern.Patterns;

/**
 * Tokens of the dialect: words, integers, operators. Words that are keywords stay words; the grammar tells them apart.
 */
final class Lexer {
    static final Set<String> KEYWORDS = Set.of(
            "if",
            "else",
            "while",
            "do",
            "for",
            "break",
            "continue",
            "return",
            "goto",
            "switch",
            "case",
            "exists",
            "forall",
            "filter",
            "locations");

    /** Keywords that herd7 does not have: names, unless what follows makes them a statement. */
    private static final Set<String> SOFT =
            Set.of("do", "for", "break", "continue", "return", "goto", "switch", "case");

    private static final String WORD = "WORD";
    private static final String NUMBER = "NUMBER";
    private static final Terminals OPERATORS = Terminals.operators(
            "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "=", "?", ":", ",", ";", "(", ")", "[", "]",
            "{", "}", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=",
            "|=", "^=", "<<=", ">>=", "->", ".", "/\\", "\\/", "<>", "=>");
    private static final Parser<?> WORDS =
            Patterns.regex("[A-Za-z_][A-Za-z_0-9]*").toScanner("name").source().map(s -> Tokens.fragment(s, WORD));
    private static final Parser<?> NUMBERS = Patterns.regex("(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*")
            .toScanner("number")
            .source()
            .map(s -> Tokens.fragment(s, NUMBER));
    /** White space is all that separates: comments are blanked before. */
    static final Parser<Void> SPACE = Scanners.WHITESPACES.skipMany();

    static final Parser<?> TOKEN = Parsers.or(NUMBERS, WORDS, OPERATORS.tokenizer());

    private Lexer() {}

    static Parser<?> op(String text) {
        return OPERATORS.token(text);
    }

    static Parser<String> word(Predicate<String> accepts, String what) {
        return Parsers.token(new org.jparsec.TokenMap<String>() {
            @Override
            public String map(org.jparsec.Token token) {
                return token.value() instanceof Tokens.Fragment f && f.tag().equals(WORD) && accepts.test(f.text())
                        ? f.text()
                        : null;
            }

            @Override
            public String toString() {
                return what;
            }
        });
    }

    /** A keyword of C where it can only be the name of a variable. */
    static Parser<String> softName() {
        Parser<?> statement = Parsers.or(op("("), op("{"), word(w -> true, "word"), number());
        return word(SOFT::contains, "name").followedBy(statement.not()).atomic();
    }

    /** As {@link #softName}, where only a name can stand. */
    static Parser<String> softWord() {
        return word(SOFT::contains, "name");
    }

    static Parser<String> keyword(String text) {
        return word(text::equals, text);
    }

    static Parser<Long> number() {
        return Parsers.token(new org.jparsec.TokenMap<Long>() {
            @Override
            public Long map(org.jparsec.Token token) {
                return token.value() instanceof Tokens.Fragment f && f.tag().equals(NUMBER) ? value(f.text()) : null;
            }

            @Override
            public String toString() {
                return "number";
            }
        });
    }

    private static Long value(String text) {
        String digits = text.replaceAll("[uUlL]+$", "");
        try {
            if (digits.startsWith("0x") || digits.startsWith("0X")) {
                return Long.parseUnsignedLong(digits.substring(2), 16);
            }
            boolean octal = digits.length() > 1 && digits.startsWith("0");
            return Long.parseUnsignedLong(digits, octal ? 8 : 10);
        } catch (NumberFormatException tooLong) {
            return null;
        }
    }
}
