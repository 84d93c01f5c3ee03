/**
 * Checks inside a JUnit 5 test suite: authors of strategies and scenarios put {@link kemu.junit.KemuCheck} on a test
 * method. Needs junit-jupiter-api, which whoever writes tests has.
 *
 * <p>Entry class: {@link kemu.junit.KemuCheck}.
 */
package kemu.junit;
