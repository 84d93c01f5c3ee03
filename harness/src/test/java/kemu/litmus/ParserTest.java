package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every construct of the dialect is read as C means it; what is not known is named with its line. */
final class ParserTest {
    /** The one final state of a single process over x, y, z and a; r is what is asked for. */
    private static List<String> states(String init, String body, String locations) {
        String text = "C one\n{" + init + "}\nP0(int *x, int *y, int **p, int *a, spinlock_t *l)\n{\n" + body
                + "\n}\nlocations [" + locations + "]\nexists (0:r=0 \\/ true)\n";
        return Litmus.lkmm(text).states();
    }

    private static void check(String init, String body, long value) {
        assertEquals(List.of("0:r=" + value + ";"), states(init, "int r;\n" + body, "0:r;"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "r = 2 + 3 * 4 - 1;13",
                "r = (2 + 3) * 4;20",
                "r = 7 / 2 + 7 % 2;4",
                "r = 1 << 4 | 1;17",
                "r = 0xff & ~0x0f;240",
                "r = 5 ^ 1;4",
                "r = -3 < 2 && 2 <= 2;1",
                "r = 0 || !1;0",
                "r = 3 > 2 ? 10 : 20;10",
                "r = (1, 2, 3);3",
                "r = (unsigned char) 257;1",
                "r = (long) 5 == 5UL;1",
                "r = 1 != 1;0",
                "r = 010;8"
            })
    void shouldComputeAsC(String body, long value) {
        check("", body + ";", value);
    }

    @Test
    void shouldRunStatements() {
        check("", "for (int i = 0; i < 5; i++) r += i;", 10);
        check("", "int i = 3; while (i) { r = r * 10 + i; i--; }", 321);
        check("", "do { r++; if (r == 4) break; } while (1);", 4);
        check("", "for (r = 0; ; ++r) { if (r < 3) continue; break; }", 3);
        check("", "if (0) r = 1; else if (1) r = 2; else r = 3;", 2);
        check("", "r = 1; return; r = 2;", 1);
        check("", "r = 6; r <<= 1; r |= 1; r -= 3; r ^= 2;", 8);
    }

    @Test
    void shouldReachMemoryInEveryForm() {
        check("int x = 5;", "r = *x;", 5);
        check("x = 5;", "*x = *x + 1; r = READ_ONCE(*x);", 6);
        check("int x = 4;", "(*x)++; *x += 2; r = *x;", 7);
        check("int a[3] = {1, 2, 3};", "r = a[1] + READ_ONCE(a[2]) + *(a + 0);", 6);
        check("int *p = &x; int x = 9;", "int *q; q = rcu_dereference(*p); r = *q;", 9);
        check("p = x; x = 9;", "r = **p;", 9);
        check("0:r=7;", "r = r + 1;", 8);
        check("atomic_t x = ATOMIC_INIT(3);", "r = atomic_read(x);", 3);
        check("spinlock_t l; x=-2;", "spin_lock(l); r = *x; spin_unlock(l);", -2);
    }

    @Test
    void shouldDoAtomics() {
        check("x=3;", "r = atomic_add_return(2, x);", 5);
        check("x=3;", "r = atomic_fetch_sub_relaxed(2, x); r = r * 10 + *x;", 31);
        check("x=3;", "atomic_inc(x); atomic_dec(x); atomic_sub(2, x); r = *x;", 1);
        check("x=6;", "atomic_and(3, x); atomic_or(8, x); atomic_xor(1, x); atomic_andnot(2, x); r = *x;", 9);
        check("x=3;", "r = xchg_release(x, 8) * 10 + *x;", 38);
        check("x=3;", "r = cmpxchg(x, 3, 5) * 10 + *x;", 35);
        check("x=3;", "r = atomic_cmpxchg_acquire(x, 4, 5) * 10 + *x;", 33);
        check("x=1;", "r = atomic_dec_and_test(x);", 1);
        check("x=1;", "r = atomic_sub_and_test(2, x) + atomic_add_negative(-5, x);", 1);
        check("x=1;", "r = atomic_add_unless(x, 4, 1) * 10 + *x;", 1);
        check("x=1;", "r = atomic_inc_not_zero(x) * 10 + *x;", 12);
        check("x=1;", "r = atomic_fetch_add_unless(x, 4, 0) * 10 + *x;", 15);
        check("", "r = spin_trylock(l) * 10 + spin_is_locked(l);", 11);
    }

    @Test
    void shouldSkipCommentsOfBothKinds() {
        LitmusTest test = LitmusParser.parse(
                "f", "C n\n(* a (* nested *) b *)\n{}\nP0(int *x) // c\n{ /* d */ *x = 1; }\nexists (x=1) (* e *)\n");
        assertEquals("(x=1)", test.text());
        assertEquals("n", test.name());
    }

    @Test
    void shouldReadConditions() {
        String run = "C n\n{}\nP0(int *x) { int r = 2; *x = 1; }\n";
        assertEquals(
                "Always",
                Litmus.lkmm(run + "exists (x=1 /\\ ~(0:r=1 \\/ [x]=2))").observation());
        assertEquals("Always", Litmus.lkmm(run + "forall (x=1 /\\ 0:r=2)").observation());
        assertEquals("Never", Litmus.lkmm(run + "~exists (x!=1)").observation());
        assertEquals(0, Litmus.lkmm(run + "filter (x=2)\nexists (x=1)").states().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"call_rcu(x), unsupported: call_rcu, 5", "READ_ONCE(x), not a location in shared memory, 5"})
    void shouldNameWhatItDoesNotKnow(String row) {
        String[] cells = row.split(", ");
        LitmusException e = assertThrows(
                LitmusException.class,
                () -> Litmus.lkmm("C n\n\n{}\nP0(int *x) {\n" + cells[0] + ";\n}\nexists (x=1)\n"));
        assertEquals(cells[1], e.getMessage());
        assertEquals(Integer.parseInt(cells[2]), e.line());
    }

    @Test
    void shouldRefuseWhatIsMalformed() {
        for (String text : List.of(
                "",
                "C",
                "AArch64 x\n{}\n",
                "C x\nP0() {}",
                "C x\n{}\nP0(int *x) { *x = ; }\nexists (x=1)",
                "C x\n{}\nP0(int *x) { *x = 1; \nexists (x=1)",
                "C x\n{}\nP1(int *x) { *x = 1; }\nexists (x=1)",
                "C x\n{}\nP0(int *x) { *x = 1; }\nP0(int *x) {}\nexists (x=1)",
                "C x\n{}\nP0(int *x) { *x = 1; }\nexists (1:r0=1)",
                "C x\n{ /* \nP0(int *x) {}\n",
                "C x\n{}\nP0(int *x) { goto out; }\nexists (x=1)")) {
            LitmusException e = assertThrows(LitmusException.class, () -> Litmus.lkmm(text), text);
            assertTrue(!e.getMessage().contains("\n"), e.getMessage());
        }
    }
}
