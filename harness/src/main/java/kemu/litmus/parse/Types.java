package kemu.litmus.parse;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jparsec.Parser;
import org.jparsec.Parsers;

/** Type names: their width matters only in casts. */
final class Types {
    /** A base type. */
    record Type(int bits, boolean signed) {}

    private static final Set<String> QUALIFIERS = Set.of("const", "volatile", "static", "register", "__user", "__rcu");
    private static final Map<String, Type> PLAIN = Map.ofEntries(
            Map.entry("char", new Type(8, true)),
            Map.entry("short", new Type(16, true)),
            Map.entry("int", new Type(32, true)),
            Map.entry("long", new Type(64, true)),
            Map.entry("signed", new Type(32, true)),
            Map.entry("unsigned", new Type(32, false)),
            Map.entry("bool", new Type(8, false)),
            Map.entry("_Bool", new Type(8, false)),
            Map.entry("void", new Type(64, true)),
            Map.entry("__u8", new Type(8, false)),
            Map.entry("__u16", new Type(16, false)),
            Map.entry("__u32", new Type(32, false)),
            Map.entry("__u64", new Type(64, false)),
            Map.entry("__s8", new Type(8, true)),
            Map.entry("__s16", new Type(16, true)),
            Map.entry("__s32", new Type(32, true)),
            Map.entry("__s64", new Type(64, true)),
            Map.entry("uint", new Type(32, false)),
            Map.entry("ulong", new Type(64, false)),
            Map.entry("u8", new Type(8, false)),
            Map.entry("u16", new Type(16, false)),
            Map.entry("u32", new Type(32, false)),
            Map.entry("u64", new Type(64, false)),
            Map.entry("s8", new Type(8, true)),
            Map.entry("s16", new Type(16, true)),
            Map.entry("s32", new Type(32, true)),
            Map.entry("s64", new Type(64, true)),
            Map.entry("uint8_t", new Type(8, false)),
            Map.entry("uint16_t", new Type(16, false)),
            Map.entry("uint32_t", new Type(32, false)),
            Map.entry("uint64_t", new Type(64, false)),
            Map.entry("int8_t", new Type(8, true)),
            Map.entry("int16_t", new Type(16, true)),
            Map.entry("int32_t", new Type(32, true)),
            Map.entry("int64_t", new Type(64, true)),
            Map.entry("intptr_t", new Type(64, true)),
            Map.entry("uintptr_t", new Type(64, false)),
            Map.entry("size_t", new Type(64, false)),
            Map.entry("atomic_t", new Type(32, true)),
            Map.entry("atomic64_t", new Type(64, true)),
            Map.entry("atomic_long_t", new Type(64, true)),
            Map.entry("atomic_int", new Type(32, true)),
            Map.entry("spinlock_t", new Type(32, true)),
            Map.entry("raw_spinlock_t", new Type(32, true)));

    static final Parser<Type> TYPE = type();

    private Types() {}

    static boolean isTypeWord(String word) {
        return PLAIN.containsKey(word) || QUALIFIERS.contains(word) || word.equals("struct");
    }

    private static Parser<Type> type() {
        Parser<String> qualifier = Lexer.word(QUALIFIERS::contains, "type");
        Parser<Type> struct =
                Parsers.sequence(Lexer.keyword("struct"), Lexer.word(w -> true, "name"), (s, n) -> new Type(64, true));
        Parser<Type> base = Lexer.word(PLAIN::containsKey, "type").many1().map(Types::merge);
        return Parsers.or(struct, base).between(qualifier.skipMany(), qualifier.skipMany());
    }

    private static Type merge(List<String> words) {
        boolean signed = !words.contains("unsigned");
        int bits = 32;
        for (String word : words) {
            Type one = PLAIN.get(word);
            boolean sign = word.equals("signed") || word.equals("unsigned");
            boolean width = word.equals("int") && words.size() > 1;
            if (!sign && !width) {
                bits = one.bits;
                signed &= one.signed;
            }
        }
        return new Type(bits, signed);
    }
}
