/**
 * Wrong inputs of every kind, made from right ones: whatever is read, kemu answers with one of its exit codes and, of a
 * mistake, one line; never with a stack trace, silence, or the end of the heap.
 *
 * <p>{@link kemu.fuzz.FuzzTest} tries some thousand inputs of each kind in every build, about a minute in all. More:
 *
 * <pre>
 * mvn -pl harness -am test -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Dkemu.fuzz.inputs=1000000
 *   -Dkemu.fuzz.inputs=N   so many of all kinds together (a million takes about an hour)
 *   -Dkemu.fuzz.kinds=A,B  only these kinds ({@link kemu.fuzz.Kind})
 *   -Dkemu.fuzz.seed=S     other inputs; the same seed gives the same inputs
 *   -Dkemu.fuzz.first=I    begin with input I of each kind
 * </pre>
 *
 * <p>An input that breaks a rule is made small and written to {@code target/fuzz}, beside what it led to. Entry
 * classes: {@link kemu.fuzz.Fuzz} drives, a {@link kemu.fuzz.Target} makes inputs of a kind and tries them,
 * {@link kemu.fuzz.Mutator} makes wrong inputs of right ones.
 */
package kemu.fuzz;
