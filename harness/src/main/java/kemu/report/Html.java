package kemu.report;

/** What pages in HTML have in common: one file each, without network, light or dark as its reader likes, printable. */
public final class Html {
    private static final String STYLE = """
        :root{color-scheme:light dark;--text:#1f2328;--quiet:#59636e;--line:#d8dde3;--soft:#f4f6f8;--back:#fff;\
        --good:#19763a;--bad:#d1242f;--open:#87611d}
        @media screen and (prefers-color-scheme:dark){:root{--text:#e6edf3;--quiet:#9198a1;--line:#333a42;\
        --soft:#161b22;--back:#0d1117;--good:#56d364;--bad:#ff7b72;--open:#e3c75f}
        DARK}
        body{font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:1120px;\
        margin:2em auto;padding:0 1em}
        h1{font-size:1.6em}h2{margin-top:2em;border-bottom:1px solid var(--line)}h3{margin:.2em 0;font-size:1em}
        pre{overflow-x:auto;background:var(--soft);padding:1em;font-size:13px}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{padding:.15em 1em .15em 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
        td.n,th.n{text-align:right}.quiet{color:var(--quiet)}
        .PASS{color:var(--good)}.FAIL{color:var(--bad)}.UNKNOWN{color:var(--open)}
        .wide{overflow-x:auto}svg{max-width:100%;height:auto}svg text{font-family:system-ui,sans-serif}
        .heat rect{shape-rendering:crispEdges}
        .pair{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:0 1em}
        .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:1em}
        figure{margin:1.2em 0 0;break-inside:avoid}figcaption{margin-bottom:.2em}
        .grid figure{margin:0}
        @media print{body{max-width:none;margin:0;font-size:10pt}h2{break-after:avoid}a{color:inherit}
        .grid{grid-template-columns:repeat(3,1fr)}pre{white-space:pre-wrap}}
        """;

    private Html() {}

    /** {@code text} as the text of an element, or the value of an attribute in double quotes. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /**
     * The beginning of a page called {@code title}; {@link #end} or the like ends it.
     *
     * @param darkRules what the dark theme says beyond the colours of text
     */
    public static String page(String title, String darkRules) {
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\"><title>" + escape(title)
                + "</title><style>" + STYLE.replace("DARK", darkRules) + "</style></head><body><h1>" + escape(title)
                + "</h1>\n";
    }

    /** The end of a page, with {@code text} as it was printed. */
    public static String end(String text) {
        return "<pre>" + escape(text) + "</pre></body></html>\n";
    }
}
