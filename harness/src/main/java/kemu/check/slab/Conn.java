package kemu.check.slab;

import kemu.check.kit.ObjectType;
import kemu.hw.layout.I64Field;

/** What the scenarios look up: a connection, found by key and pinned by its count, or by its lock. */
final class Conn {
    private static final ObjectType.Builder S = ObjectType.named("conn");

    static {
        // Four of them fill a page.
        S.words("padding", 110);
    }

    /** With key, references and a lock. */
    static final ObjectType TYPE = S.build();
    /** Whom it connects; 0 while free. Written before it is counted, or under the lock; lookups race: marked. */
    static final I64Field KEY = TYPE.key();

    private Conn() {}
}
