package kemu.check.scenario;

/**
 * The premise of a scenario did not come about: what was to be reused was not, a call that builds the scene failed.
 * Whatever else was seen then says nothing about the kernel, so the check is inconclusive: never a conviction.
 */
public final class SceneBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A scene that is not what it should be: {@code why}, in one line. */
    public SceneBroken(String why) {
        super(why);
    }
}
