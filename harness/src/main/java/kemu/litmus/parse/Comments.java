package kemu.litmus.parse;

import kemu.litmus.ast.LitmusException;

/**
 * Blanks comments, keeping every offset and line. Both {@code /* *}{@code /}, {@code //} and the OCaml style are
 * comments; inside a process {@code (*} opens one only if white space or a further star follows, else it is C.
 */
final class Comments {
    private final String text;
    private final StringBuilder out;
    private int at;
    private int depth;

    private Comments(String text) {
        this.text = text;
        this.out = new StringBuilder(text);
    }

    static String blank(String text) {
        Comments comments = new Comments(text);
        comments.run();
        return comments.out.toString();
    }

    private void run() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                blankTo(end < 0 ? text.length() : end);
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                blankTo(closed(end) + 2);
            } else if (text.startsWith("(*", at) && isOcaml()) {
                blankTo(ocamlEnd());
            } else {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                at++;
            }
        }
    }

    private boolean isOcaml() {
        if (depth == 0) {
            return true;
        }
        char next = at + 2 < text.length() ? text.charAt(at + 2) : ' ';
        return Character.isWhitespace(next) || next == '*';
    }

    private int ocamlEnd() {
        int nested = 0;
        for (int i = at; i + 1 < text.length(); i++) {
            if (text.startsWith("(*", i)) {
                nested++;
                i++;
            } else if (text.startsWith("*)", i)) {
                i++;
                if (--nested == 0) {
                    return i + 1;
                }
            }
        }
        // Nesting is not everybody's habit: an opening inside a comment may be prose.
        return closed(text.indexOf("*)", at + 2)) + 2;
    }

    private int closed(int end) {
        if (end < 0) {
            throw new LitmusException(Lines.of(text, at), "comment is not closed");
        }
        return end;
    }

    private void blankTo(int end) {
        for (; at < end; at++) {
            if (text.charAt(at) != '\n') {
                out.setCharAt(at, ' ');
            }
        }
    }
}
