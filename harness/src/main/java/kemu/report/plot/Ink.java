package kemu.report.plot;

import java.awt.Color;
import java.util.Locale;

/** Colours of pictures, in the light and the dark theme. Shades are in order of strength. */
public enum Ink {
    /** Text and axes. */
    TEXT(0x3b424a, 0xc9d1d9),
    /** Lines of the grid. */
    GRID(0xe3e6ea, 0x2b3138),
    /** What is shown, where it is one thing. */
    LINE(0x0b62b0, 0x6cb6ff),
    /** The second of several lines. */
    LINE2(0xb35809, 0xffa657),
    /** The third. */
    LINE3(0x19763a, 0x56d364),
    /** The fourth. */
    LINE4(0x8142ad, 0xd2a8ff),
    /** The fifth. */
    LINE5(0x87611d, 0xe3c75f),
    /** The sixth. */
    LINE6(0x0e7a83, 0x5fd3de),
    /** Something that went wrong at a time. */
    ALARM(0xd1242f, 0xff7b72),
    /** Fewest. */
    SHADE1(0xdcecfb, 0x10263c),
    /** Next to the fewest. */
    SHADE2(0xbcdaf6, 0x143553),
    /** Third of eight. */
    SHADE3(0x93c3ee, 0x184870),
    /** Fourth of eight. */
    SHADE4(0x63a5e2, 0x1e6098),
    /** Fifth of eight. */
    SHADE5(0x3382cf, 0x3082c6),
    /** Sixth of eight. */
    SHADE6(0x165fa8, 0x58a8ea),
    /** Next to the most. */
    SHADE7(0x0b417b, 0x96cdfb),
    /** Most. */
    SHADE8(0x06264c, 0xe0f1ff);

    private final int light;
    private final int dark;

    Ink(int light, int dark) {
        this.light = light;
        this.dark = dark;
    }

    /** The colour to draw in. */
    public Color color() {
        return new Color(light);
    }

    /** Line {@code index} of several, from 0; they repeat after six. */
    public static Ink line(int index) {
        return values()[LINE.ordinal() + index % 6];
    }

    /** Shade {@code level}, from 0 for the fewest to 7. */
    public static Ink shade(int level) {
        return values()[SHADE1.ordinal() + level];
    }

    /** Rules of a style sheet that show pictures in dark colours. */
    public static String darkRules() {
        StringBuilder rules = new StringBuilder();
        for (Ink ink : values()) {
            for (String property : new String[] {"fill", "stroke"}) {
                rules.append(String.format(
                        Locale.ROOT,
                        "svg [%s=\"rgb(%d,%d,%d)\"]{%s:#%06x}",
                        property,
                        ink.light >> 16,
                        ink.light >> 8 & 0xff,
                        ink.light & 0xff,
                        property,
                        ink.dark));
            }
        }
        return rules.toString();
    }
}
