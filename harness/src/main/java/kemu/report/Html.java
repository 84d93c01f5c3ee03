package kemu.report;

/** What pages in HTML have in common. */
public final class Html {
    private Html() {}

    /** {@code text} as the text of an element, or the value of an attribute in double quotes. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
