package kemu.cli;

import java.util.List;

/** Names of the strategies that can be plugged in. */
final class Strategies {
    private Strategies() {}

    /** Values of {@code --anon-vma}. */
    static List<String> anonVma() {
        return List.of("root-reread", "root-recheck", "root-rwsem");
    }
}
