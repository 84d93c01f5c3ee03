package kemu.litmus;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random tests of two or three processes over every construct that the models speak of. */
final class RandomTest {
    /** What users write, beyond the tests that come with kemu. */
    static final List<String> KINDS = List.of(
            "C k1\n{\n\tfresh[2] = {0, -1};\n\tstale[2] = {1, 1};\n\ttop = *(&stale);\n\tint *0:q;\n"
                    + "\t1:continue = 1;\n}\n"
                    + "P0(int *top, int *fresh)\n{\n\tint *q;\n\tq = fresh;\n\tWRITE_ONCE(*(fresh + 1), 2);\n"
                    + "\tsmp_store_release(top, q);\n}\nP1(int *top)\n{\n\tint *p;\n\tint v;\n\tif (continue) {\n"
                    + "\t\tp = smp_load_acquire(top);\n\t\tv = READ_ONCE(*(p + 1));\n\t}\n}\nlocations [0:q]\n"
                    + "exists (1:v=-1)\n",
            "C k2\n{}\nP0(int *x, int *y)\n{\n\tint a;\n\ta = *x;\n\t*y = a;\n}\nP1(int *x, int *y)\n{\n\tint b;\n"
                    + "\tb = *y;\n\t*x = b + 0;\n}\nfilter (x=y \\/ ~x=y)\nexists (~0:a=0 /\\ 1:b=5)\n",
            "C k3\n{}\nP0(int *c, int *g, struct srcu_struct *s)\n{\n\tint i;\n\tint j;\n\ti = srcu_down_read(s);\n"
                    + "\tj = srcu_read_lock(s);\n\tWRITE_ONCE(*c, i);\n\tsmp_store_release(g, 1);\n"
                    + "\tsrcu_read_unlock(s, j);\n}\nP1(int *c, int *g, struct srcu_struct *s)\n{\n\tint o;\n\tint i;\n"
                    + "\to = smp_load_acquire(g);\n\ti = READ_ONCE(*c);\n\tsrcu_up_read(s, i);\n"
                    + "\tsmp_mb__after_srcu_read_unlock();\n\tsynchronize_srcu(s);\n}\nfilter (1:o=1)\n"
                    + "exists (1:i=0 /\\ true)\n",
            "C k4\n{ atomic_t x = ATOMIC_INIT(3); }\nP0(atomic_t *x, int *y)\n{\n\tint r0;\n\tint r1 = 3;\n"
                    + "\tr0 = try_cmpxchg(x, &r1, 4) ? 1 : 2;\n\twhile (READ_ONCE(*y) == 0)\n\t\tcpu_relax();\n"
                    + "\tfor (int i = 0; i < 3; i++)\n\t\tatomic_inc(x);\n\tdo { r1 <<= 1; } while (r1 < 20);\n}\n"
                    + "P1(atomic_t *x, int *y)\n{\n\tint r0;\n\tr0 = atomic_add_unless(x, 1, 4);\n"
                    + "\tsmp_store_mb(*y, (unsigned char) 257);\n}\nforall (x=8 \\/ 1:r0=1 => y=1)\n");

    /** What a mutation puts in. */
    static final List<String> TOKENS = List.of(
            "0xffffffffffffffff",
            "-1",
            "99999999999999999999",
            "9223372036854775807",
            "0",
            "1",
            "0:",
            "-1:r0",
            "65536:r0",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            ";",
            ",",
            "*",
            "&",
            "=",
            "==",
            "!",
            "~",
            "/\\",
            "\\/",
            "=>",
            "(*",
            "*)",
            "/*",
            "//",
            "?",
            ":",
            "<<",
            ">>",
            "++",
            "--",
            "+=",
            "->",
            ".",
            "%",
            "/ 0",
            "% 0",
            "<< 64",
            "<< -1",
            "if (",
            "else",
            "while (1)",
            "while (r0)",
            "for (;;)",
            "do",
            "break;",
            "continue",
            "return;",
            "goto",
            "int ",
            "int *",
            "struct ",
            "unsigned ",
            "NULL",
            "true",
            "false",
            "not ",
            "exists ",
            "~exists ",
            "forall ",
            "filter ",
            "locations [x;]",
            "P0",
            "P1",
            "P999",
            "x",
            "y",
            "z",
            "r0",
            "r1",
            "l",
            "s",
            "x[3]",
            "x[2] = {1, 2}",
            "*(&x)",
            "&x",
            "smp_mb();",
            "smp_memb();",
            "spin_lock(l);",
            "spin_unlock(l);",
            "rcu_read_lock();",
            "rcu_read_unlock();",
            "synchronize_rcu();",
            "srcu_read_lock(s)",
            "srcu_read_unlock(s, r0);",
            "synchronize_srcu(s);",
            "READ_ONCE(*x)",
            "WRITE_ONCE(*x, 1);",
            "xchg(x, 1)",
            "cmpxchg(x, 0, 1)",
            "atomic_add_return(1, x)",
            "smp_cond_load_acquire(x, VAL == 1)",
            "r0 = r0 + r0;",
            "r0 = r0 * r0 ^ r0;",
            "(char)",
            "(((((((((",
            "!!!!!!!!!!",
            "-",
            "+",
            "\n",
            "\t",
            " ",
            "\0",
            "\u00e9");

    private static final String[] VARIABLES = {"x", "y", "z"};

    private final SplittableRandom dice;
    private final List<String> registers = new ArrayList<>();

    RandomTest(SplittableRandom dice) {
        this.dice = dice;
    }

    String text() {
        int processes = dice.nextInt(5) == 0 ? 3 : 2;
        StringBuilder out = new StringBuilder("C random\n{}\n");
        for (int p = 0; p < processes; p++) {
            out.append("P").append(p).append("(int *x, int *y, int *z, int *t").append(p);
            out.append(", spinlock_t *l, struct srcu_struct *s)\n{\n");
            body(out, p, processes == 3 ? 3 : 4);
            out.append("}\n");
        }
        out.append("exists (");
        for (int i = 0; i < registers.size() && i < 5; i++) {
            out.append(i == 0 ? "" : " /\\ ")
                    .append(registers.get(i))
                    .append('=')
                    .append(dice.nextInt(3));
        }
        out.append(registers.isEmpty() ? "" : " /\\ ").append("x=").append(dice.nextInt(3));
        return out.append(")\n").toString();
    }

    private void body(StringBuilder out, int p, int most) {
        int statements = 2 + dice.nextInt(most - 1);
        int reads = 0;
        int section = dice.nextInt(12);
        out.append(section == 0 ? "spin_lock(l);\n" : section == 1 ? "rcu_read_lock();\n" : "");
        out.append(section == 2 ? "int c = srcu_read_lock(s);\n" : "");
        for (int i = 0; i < statements; i++) {
            String last = reads == 0 ? "1" : "r" + p + (reads - 1);
            String made = statement("r" + p + reads, last, reads > 0, p);
            if (made.startsWith("int r")) {
                registers.add(p + ":r" + p + reads);
                reads++;
            }
            out.append(made).append('\n');
        }
        out.append(section == 0 ? "spin_unlock(l);\n" : section == 1 ? "rcu_read_unlock();\n" : "");
        out.append(section == 2 ? "srcu_read_unlock(s, c);\n" : "");
    }

    private String statement(String next, String last, boolean dependent, int p) {
        String v = VARIABLES[dice.nextInt(VARIABLES.length)];
        int n = 1 + dice.nextInt(2);
        return switch (dice.nextInt(26)) {
            case 0, 1, 2, 3 -> "int " + next + " = READ_ONCE(*" + v + ");";
            case 4, 5, 6, 7 -> "WRITE_ONCE(*" + v + ", " + n + ");";
            case 8 -> "int " + next + " = *" + v + ";";
            case 9 -> "*" + v + " = " + n + ";";
            case 10 -> "smp_store_release(" + v + ", " + n + ");";
            case 11 -> "int " + next + " = smp_load_acquire(" + v + ");";
            case 12 -> "smp_mb();";
            case 13 -> "smp_wmb();";
            case 14 -> "smp_rmb();";
            case 15 -> "int " + next + " = xchg_relaxed(" + v + ", " + n + ");";
            case 16 -> "int " + next + " = cmpxchg(" + v + ", " + dice.nextInt(2) + ", " + n + ");";
            case 17 -> "int " + next + " = atomic_fetch_add_release(" + n + ", " + v + ");";
            case 18 -> "atomic_inc(" + v + ");";
            case 19 -> "synchronize_rcu();";
            case 20 -> "synchronize_srcu(s);";
            case 21 -> "WRITE_ONCE(*" + v + ", " + last + ");";
            case 22 -> dependent ? "if (" + last + ") WRITE_ONCE(*" + v + ", " + n + ");" : "barrier();";
            case 23 -> "int " + next + " = READ_ONCE(*(" + v + " + (" + last + " ^ " + last + ")));";
            case 24 -> "*t" + p + " = " + last + "; WRITE_ONCE(*" + v + ", *t" + p + ");";
            default -> "atomic_add(" + n + ", " + v + "); smp_mb__after_atomic();";
        };
    }

    /** The same test with other names for shared variables. */
    static String renamed(String text) {
        return text.replaceAll("\\bx\\b", "apple")
                .replaceAll("\\by\\b", "b_2")
                .replaceAll("\\bz\\b", "aa")
                .replaceAll("\\bl\\b", "zz")
                .replaceAll("\\bs\\b", "k");
    }

    /** The same test with the first process last. */
    static String turned(String text) {
        int processes = text.contains("\nP2(") ? 3 : 2;
        String[] parts = text.split("(?m)(?=^P[0-9]\\()|(?=^exists)");
        StringBuilder out = new StringBuilder(parts[0]);
        for (int p = 0; p < processes; p++) {
            out.append(parts[1 + (p + 1) % processes].replaceFirst("^P[0-9]", "P" + p));
        }
        StringBuilder question = new StringBuilder();
        for (String item : parts[processes + 1].split("(?<= )|(?<=\\()")) {
            boolean register = item.matches("(?s)[0-9]:.*");
            int turned = register ? (item.charAt(0) - '0' + processes - 1) % processes : 0;
            question.append(register ? turned + item.substring(1) : item);
        }
        return out.append(question).toString();
    }
}
