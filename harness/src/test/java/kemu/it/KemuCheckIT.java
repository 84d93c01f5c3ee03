package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import kemu.tidy.Repo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test suite of another author, compiled against kemu.jar and run by JUnit with the README's argLine. */
class KemuCheckIT {
    private static final Pattern ARG_LINE = Pattern.compile("<argLine>([^<]+)</argLine>");
    /** Jars of JUnit on the class path of this test. */
    private static final Pattern JUNIT = Pattern.compile("/(junit-|opentest4j|apiguardian)[^/]*\\.jar$");

    private static final Pattern REPLAY = Pattern.compile("replay: \\./kemu (.*)");

    @TempDir
    private Path folder;

    private record Ran(int code, String out) {}

    @BeforeEach
    void compile() throws IOException {
        source("mine/Mine.java", """
                package mine;
                import kemu.mm.rmap.*;
                import kemu.mm.rmap.lock.AnonVmaLockings;
                public final class Mine implements AnonVmaLockingProvider {
                    public String name() { return "mine"; }
                    public String description() { return "the one that hangs, under another name"; }
                    public boolean knownBad() { return false; }
                    public AnonVmaLocking create(AnonVmaServices services) {
                        return AnonVmaLockings.byName("root-reread").create(services);
                    }
                }
                """);
        source("mine/MineTest.java", """
                package mine;
                import kemu.junit.KemuCheck;
                class MineTest {
                    @KemuCheck(scenario = "rmap-hang-child", variant = "root-recheck", models = {"sc", "tso"})
                    void holdsInEveryInterleaving() {}
                    @KemuCheck(scenario = "rmap-hang-child", variant = "mine")
                    void hangs() {}
                }
                """);
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("kemu.mm.rmap.AnonVmaLockingProvider"), "mine.Mine\n");
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-cp",
                        classPath(),
                        "-proc:none",
                        "-d",
                        classes.toString(),
                        folder.resolve("mine/Mine.java").toString(),
                        folder.resolve("mine/MineTest.java").toString());
        assertEquals(0, failed);
    }

    private void source(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** kemu.jar, whose manifest names the rest, and JUnit. */
    private static String classPath() {
        List<String> jars = new ArrayList<>();
        jars.add(Repo.root().resolve("harness/target/kemu.jar").toString());
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> JUNIT.matcher(entry).find())
                .forEach(jars::add);
        return String.join(File.pathSeparator, jars);
    }

    private Ran suite(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx512m"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath() + File.pathSeparator + folder.resolve("classes")));
        command.addAll(List.of("org.junit.platform.console.ConsoleLauncher", "execute"));
        command.addAll(List.of("--scan-classpath", folder.resolve("classes").toString()));
        command.addAll(List.of("--disable-banner", "--disable-ansi-colors"));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), said);
    }

    @Test
    void shouldWorkWithTheLineOfTheReadmeAndReplayAsTyped() throws Exception {
        Matcher line = ARG_LINE.matcher(Files.readString(Repo.root().resolve("README.md")));
        assertTrue(line.find(), "the README gives an argLine");
        Ran ran = suite(line.group(1).strip().split("\\s+"));
        assertEquals(1, ran.code, ran.out);
        assertTrue(ran.out.contains("[         2 tests successful      ]"), ran.out);
        assertTrue(ran.out.contains("[         1 tests failed          ]"), ran.out);
        assertTrue(ran.out.contains("expected PASS, found FAIL"), ran.out);
        Matcher replay = REPLAY.matcher(ran.out);
        assertTrue(replay.find(), ran.out);
        Kemu.Ended ended = Kemu.run(folder, replay.group(1).split(" ")).withCode(1);
        assertEquals("true", ended.summary().get("same"));
    }

    @Test
    void shouldSayWhatTheJvmNeedsWhenItIsNotGiven() throws Exception {
        Ran ran = suite();
        assertTrue(
                ran.out.contains("the JVM of the tests needs these options (surefire: argLine): --add-exports="),
                ran.out);
        assertTrue(!ran.out.contains("IllegalAccessError"), ran.out);
    }
}
