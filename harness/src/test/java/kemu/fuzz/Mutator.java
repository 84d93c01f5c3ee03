package kemu.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes wrong texts of right ones: bytes, words, numbers and lines changed, moved, repeated and lost. */
final class Mutator {
    private static final String[] NUMBERS = {
        "0",
        "1",
        "-1",
        "2",
        "-0",
        "64",
        "65",
        "255",
        "4095",
        "4096",
        "4097",
        "65536",
        "2147483647",
        "2147483648",
        "-2147483648",
        "4294967295",
        "4294967296",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999",
        "0x0",
        "0xfff",
        "0x1000",
        "0x7fffffffffff",
        "0x800000000000",
        "0x7ffffffff000",
        "0xffffffff",
        "0x7fffffffffffffff",
        "0x8000000000000000",
        "0xffffffffffffffff",
        "0xfffffffffffff000",
        "1e308",
        "1e-400",
        "NaN",
        "Infinity",
        "-Infinity",
        "1.5",
        "",
        "NULL",
        "?",
        "007",
        "+1",
        "1_000",
        "\u0661\u0662"
    };
    private static final String[] ODD = {
        "\0",
        "\ufeff",
        "\r",
        "\r\n",
        "\t",
        "\u00a0",
        "\u2028",
        "\"",
        "'",
        "\\",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "=",
        ",",
        "*",
        "|",
        "@",
        "#",
        "%s%n",
        "../../..",
        "\u001b[31m",
        "<unfinished ...>",
        "/dev/null"
    };
    private static final byte[][] NO_TEXT = {{(byte) 0xff}, {(byte) 0xc3}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, {0}
    };
    private static final int LONG = 3_000;
    private static final int VERY_LONG = 300_000;
    /** Bytes after which a text is not made longer still: a line many times over, again and again, fills any heap. */
    private static final int LARGEST = 1 << 18;

    private final String[] words;

    /** {@code words} are those that mean something in such a text. */
    Mutator(String... words) {
        this.words = words.clone();
    }

    /** A text made of {@code text}, and now and then of a piece of {@code other}; sometimes right. */
    byte[] mutate(byte[] text, byte[] other, SplittableRandom dice) {
        byte[] now = text;
        for (int n = dice.nextInt(8) == 0 ? dice.nextInt(30) : dice.nextInt(4); n > 0 && now.length < LARGEST; n--) {
            now = once(now, other, dice);
        }
        return now;
    }

    private byte[] once(byte[] text, byte[] other, SplittableRandom dice) {
        return switch (dice.nextInt(20)) {
            case 0 -> flipped(text, dice);
            case 1 -> replaced(text, dice, 0, NO_TEXT[dice.nextInt(NO_TEXT.length)]);
            case 2 -> replaced(text, dice, dice.nextInt(1, 40), new byte[0]);
            case 3 -> cut(text, 0, text.length == 0 ? 0 : dice.nextInt(text.length));
            case 4, 5, 6, 7 -> number(text, dice);
            case 8, 9, 10 -> word(text, dice, words.length == 0 ? odd(dice) : words[dice.nextInt(words.length)]);
            case 11 -> word(text, dice, odd(dice));
            case 12 -> word(text, dice, odd(dice).repeat(dice.nextInt(20) == 0 ? VERY_LONG : LONG));
            case 13 -> replaced(text, dice, 0, cut(other, dice.nextInt(1 + other.length / 2), other.length));
            default -> lines(text, other, dice);
        };
    }

    private static String odd(SplittableRandom dice) {
        return ODD[dice.nextInt(ODD.length)];
    }

    private static byte[] flipped(byte[] text, SplittableRandom dice) {
        byte[] copy = text.clone();
        if (copy.length > 0) {
            copy[dice.nextInt(copy.length)] ^= (byte) (1 << dice.nextInt(8));
        }
        return copy;
    }

    /** {@code bytes} instead of {@code count} bytes somewhere. */
    private static byte[] replaced(byte[] text, SplittableRandom dice, int count, byte[] bytes) {
        int at = dice.nextInt(text.length + 1);
        return replaced(text, at, Math.min(text.length, at + count), bytes);
    }

    static byte[] replaced(byte[] text, int from, int to, byte[] bytes) {
        byte[] out = new byte[text.length - (to - from) + bytes.length];
        System.arraycopy(text, 0, out, 0, from);
        System.arraycopy(bytes, 0, out, from, bytes.length);
        System.arraycopy(text, to, out, from + bytes.length, text.length - to);
        return out;
    }

    private static byte[] cut(byte[] text, int from, int to) {
        return java.util.Arrays.copyOfRange(text, from, to);
    }

    private static byte[] number(byte[] text, SplittableRandom dice) {
        int[] span = span(text, dice, true);
        String before = new String(text, span[0], span[1] - span[0], StandardCharsets.ISO_8859_1);
        String after = NUMBERS[dice.nextInt(NUMBERS.length)];
        if (dice.nextInt(3) == 0 && before.matches("\\d{1,17}")) {
            after = Long.toString(Long.parseLong(before) + dice.nextInt(-3, 4));
        }
        return replaced(text, span[0], span[1], after.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] word(byte[] text, SplittableRandom dice, String word) {
        int[] span = span(text, dice, false);
        return replaced(text, span[0], span[1], word.getBytes(StandardCharsets.UTF_8));
    }

    /** The number or word at or after a place, or an empty span there. */
    private static int[] span(byte[] text, SplittableRandom dice, boolean number) {
        int from = dice.nextInt(text.length + 1);
        int look = Math.min(text.length, from + 200);
        while (from < look && !part(text[from], number)) {
            from++;
        }
        while (from > 0 && from < text.length && part(text[from], number) && part(text[from - 1], number)) {
            from--;
        }
        int to = from;
        while (to < text.length && part(text[to], number)) {
            to++;
        }
        return new int[] {from, to};
    }

    private static boolean part(byte b, boolean number) {
        boolean digit = b >= '0' && b <= '9';
        return number ? digit : digit || b == '_' || b == '-' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
    }

    private static byte[] lines(byte[] text, byte[] other, SplittableRandom dice) {
        List<String> lines = split(text);
        List<String> others = split(other);
        int at = dice.nextInt(lines.size());
        switch (dice.nextInt(7)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(dice.nextInt(lines.size()), lines.get(at));
            case 2 -> lines.add(dice.nextInt(lines.size()), lines.remove(at));
            case 3 -> lines.add(at, others.get(dice.nextInt(others.size())));
            case 4 -> lines.set(at, lines.get(at) + (dice.nextBoolean() ? "\r" : " \0"));
            case 5 -> lines.add(at, "");
            default -> {
                String line = lines.get(at);
                for (int n = dice.nextInt(1, 200); n > 0; n--) {
                    lines.add(at, line);
                }
            }
        }
        return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static List<String> split(byte[] text) {
        String s = new String(text, StandardCharsets.ISO_8859_1);
        return new ArrayList<>(List.of(s.split("\n", -1)));
    }
}
