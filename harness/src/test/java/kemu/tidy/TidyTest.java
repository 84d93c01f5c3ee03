package kemu.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source files keep the rules of {@link Tidy}; and every rule is able to fire. */
final class TidyTest {
    private static final String MM = "mm/src/main/java/kemu/mm/";
    private static final String INFO = "/** A package that says what it is for. */\npackage kemu.mm;\n";

    /** Host-side tables of names, and why they are locked on the host: no kernel path takes these locks. */
    private static final Map<String, String> MAY_LOCK = Map.of(
            "hw/src/main/java/kemu/hw/order/Barriers.java", "names registered by class initialisers",
            "hw/src/main/java/kemu/hw/layout/StructLayout.java", "layouts registered by class initialisers",
            "hw/src/main/java/kemu/hw/layout/StructTypes.java", "names registered by class initialisers",
            "hw/src/main/java/kemu/hw/cpu/Tags.java", "names registered by class initialisers",
            "hw/src/main/java/kemu/kernel/locking/LockClass.java", "names registered by class initialisers",
            "hw/src/main/java/kemu/kernel/task/Comms.java", "command names, for reports",
            "hw/src/main/java/kemu/hw/machine/Machine.java", "the first failure of several host threads");

    @TempDir
    Path tmp;

    @Test
    void shouldBeTidy() {
        assertEquals("", String.join("\n", Tidy.check(Repo.root(), MAY_LOCK.keySet())));
    }

    @Test
    void shouldGiveNoTwoClassesOneName() {
        assertEquals("", String.join("\n", Tidy.checkNames(Repo.root())));
    }

    @Test
    void shouldFireWhenTwoClassesHaveOneName() throws IOException {
        write(MM + "package-info.java", INFO);
        write(MM + "Page.java", "package kemu.mm;\n\nclass Page {}\n");
        write(MM + "swap/Page.java", "package kemu.mm.swap;\n\nclass Page {}\n");
        write("hw/src/main/java/kemu/hw/Frame.java", "package kemu.hw;\n\nclass Frame {}\n");
        write("hw/src/test/java/kemu/hw/Page.java", "package kemu.hw;\n\nclass Page {}\n");
        assertEquals(
                List.of("Page: the name of several classes: " + MM + "Page.java, " + MM + "swap/Page.java"),
                Tidy.checkNames(tmp));
    }

    @Test
    void shouldAcceptTidyFile() throws IOException {
        write(MM + "package-info.java", INFO);
        write(
                MM + "Good.java",
                "package kemu.mm;\n\n/** synchronized, finally. */\nfinal class Good {\n    "
                        + "// synchronized\n    String s = \"finally { synchronized\";\n}\n");
        assertEquals(List.of(), Tidy.check(tmp, Set.of()));
    }

    @Test
    void shouldFireWhenFileTooLong() throws IOException {
        write(MM + "package-info.java", INFO);
        write(MM + "Long.java", "\n".repeat(Tidy.MAX_LINES + 1));
        write(MM + "Fits.java", "\n".repeat(Tidy.MAX_LINES));
        assertEquals(List.of(MM + "Long.java: 601 lines, at most 600"), Tidy.check(tmp, Set.of()));
    }

    @Test
    void shouldFireWhenLineTooLongOrTabbed() throws IOException {
        write("hw/src/test/java/kemu/hw/WideTest.java", "\n//" + "x".repeat(119) + "\n\tint x;\n");
        assertEquals(
                List.of(
                        "hw/src/test/java/kemu/hw/WideTest.java:2: longer than 120 columns",
                        "hw/src/test/java/kemu/hw/WideTest.java:3: tab"),
                Tidy.check(tmp, Set.of()));
    }

    @Test
    void shouldFireWhenPackageIsNotDescribed() throws IOException {
        write(MM + "A.java", "package kemu.mm;\n");
        write("rcu/src/main/java/kemu/rcu/package-info.java", "package kemu.rcu;\n");
        assertEquals(
                List.of(
                        "rcu/src/main/java/kemu/rcu/package-info.java: does not say what the package is for",
                        "mm/src/main/java/kemu/mm: no package-info.java"),
                Tidy.check(tmp, Set.of()));
    }

    @Test
    void shouldFireWhenKernelCodeUsesHostLockOrFinally() throws IOException {
        write(MM + "package-info.java", INFO);
        write(
                MM + "Bad.java",
                "class Bad {\n  void f() {\n    synchronized (this) {}\n    try {} finally {}\n  }\n}\n");
        List<String> breaches = Tidy.check(tmp, Set.of());
        assertEquals(2, breaches.size(), breaches.toString());
        assertEquals(MM + "Bad.java:3: synchronized: kernel locks are structs", breaches.get(0));
        assertFalse(breaches.get(1).indexOf("Bad.java:4: finally") < 0, breaches.toString());
    }

    @Test
    void shouldFireWherePageSizeIsANumber() throws IOException {
        write(MM + "package-info.java", INFO);
        write(
                MM + "Bad.java",
                "class Bad {\n  static final int PAGE = 4096;\n  static final int PAGE_SHIFT = 12;\n"
                        + "  long frame(long pfn) {\n    return pfn << 12;\n  }\n"
                        + "  long down(long at) {\n    return at & -4096L;\n  }\n"
                        + "  static final long FLAG = 1L << 12;\n  static final int MOST = 4096;\n}\n");
        String why = ": a page's size: PhysMem says it";
        assertEquals(
                List.of(
                        MM + "Bad.java:2" + why,
                        MM + "Bad.java:3" + why,
                        MM + "Bad.java:5" + why,
                        MM + "Bad.java:8" + why),
                Tidy.check(tmp, Set.of()));
    }

    @Test
    void shouldFireWhenListedFileNeedsNoHostLock() throws IOException {
        write("hw/src/main/java/kemu/hw/package-info.java", INFO);
        write("hw/src/main/java/kemu/hw/Locks.java", "class Locks {\n  synchronized void f() {}\n}\n");
        write("hw/src/main/java/kemu/hw/Plain.java", "class Plain {}\n");
        Set<String> listed = Set.of("hw/src/main/java/kemu/hw/Locks.java", "hw/src/main/java/kemu/hw/Plain.java");
        assertEquals(
                List.of("hw/src/main/java/kemu/hw/Plain.java: needs no synchronized, take it off the list"),
                Tidy.check(tmp, listed));
    }

    @Test
    void shouldFireWhenUnfinished() throws IOException {
        write(MM + "package-info.java", INFO);
        write(MM + "Half.java", "class Half {\n    // " + "TO" + "DO the rest\n}\n");
        assertEquals(List.of(MM + "Half.java:2: unfinished: finish it or file an issue"), Tidy.check(tmp, Set.of()));
    }

    private void write(String name, String text) throws IOException {
        Path file = tmp.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
