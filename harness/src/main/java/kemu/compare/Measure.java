package kemu.compare;

/** What is compared, and how its values are told. */
interface Measure {
    /** {@code value} with its unit. */
    String text(double value);

    /** Its key in JSON. */
    String key();

    /** As people call it. */
    String word();

    /** Whether more is better. */
    boolean moreIsBetter();
}
