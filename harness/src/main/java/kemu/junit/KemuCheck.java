package kemu.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import kemu.hw.explore.Result;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Explores a scenario before the test method runs, once per model, and fails the test if the verdict is another than
 * expected. Strategies and scenarios on the test's class path are found by {@link java.util.ServiceLoader}, as in a
 * plugin jar. The method may take a {@link CheckOutcome}.
 *
 * <p>A failure is made short, told in the test's message, and kept in {@link #schedules}: the next run repeats it
 * before it explores, and {@code ./kemu replay} repeats it anywhere.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(KemuCheckExtension.class)
public @interface KemuCheck {
    /** Name of the scenario. */
    String scenario();

    /** The anon_vma strategy, or the scenario's own variant; its default if empty. */
    String variant() default "";

    /** Memory models, as {@code kemu list models} names them. */
    String[] models() default {"sc"};

    /** exhaustive, random, pct or pos; on weak and alpha reads-from, too, which proves what it covers. */
    String search() default "exhaustive";

    /** Spinlock algorithm. */
    String spinlock() default "ticket";

    /** Seed of a search that is not exhaustive. */
    long seed() default 1;

    /** Executions after which the search gives up. */
    long executions() default 200_000;

    /**
     * The verdict without which the test fails. PASS asks an exhaustive search to cover everything; of the other
     * searches, which can prove nothing, it asks that they find no failure.
     */
    Result.Verdict expect() default Result.Verdict.PASS;

    /** The kinds of failure that are meant by {@code expect = FAIL}; any if empty. A broken scene is never one. */
    FailureKind[] kinds() default {};

    /** Directory for schedules of failures. */
    String schedules() default "target/kemu";
}
