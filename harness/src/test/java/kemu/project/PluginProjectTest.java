package kemu.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Every kind of project compiles as it is written, and its test passes; only the soak is shorter. */
class PluginProjectTest {
    @TempDir
    private Path dir;

    private Path compiled(PluginProject project) throws IOException {
        Path folder = dir.resolve("project");
        project.write(folder);
        Path classes = Files.createDirectories(dir.resolve("classes"));
        List<String> options = new ArrayList<>(List.of("-proc:none", "-Xlint:all,-path", "-Werror"));
        options.addAll(List.of("-cp", System.getProperty("java.class.path"), "-d", classes.toString()));
        for (String file : project.files().keySet()) {
            Path path = folder.resolve(file);
            if (file.endsWith(".java")) {
                Files.writeString(path, Files.readString(path).replace("20s", "1s"));
                options.add(path.toString());
            } else if (file.startsWith("src/main/resources/")) {
                Path to = classes.resolve(file.substring("src/main/resources/".length()));
                Files.createDirectories(to.getParent());
                Files.copy(path, to);
            }
        }
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, options.toArray(new String[0])));
        return classes;
    }

    @ParameterizedTest
    @EnumSource
    void shouldCompileBeFoundAndPassItsTest(PluginKind kind) throws Exception {
        PluginProject project = new PluginProject(kind, "no-such-1", "0.1.0-SNAPSHOT");
        Path classes = compiled(project);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            Thread.currentThread().setContextClassLoader(loader);
            assertFalse(ServiceLoader.load(kind.service()).stream().toList().isEmpty());
            assertTrue(kind.taken().contains("no-such-1"));
            SummaryGeneratingListener told = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(
                                            loader.loadClass("plugin." + kind.className("no-such-1") + "Test")))
                                    .build(),
                            told);
            StringWriter text = new StringWriter();
            told.getSummary().printFailuresTo(new PrintWriter(text));
            assertEquals(0, told.getSummary().getTotalFailureCount(), text::toString);
            assertTrue(told.getSummary().getTestsSucceededCount() >= 2, text::toString);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveNothingToFillIn(PluginKind kind) throws Exception {
        PluginProject project = new PluginProject(kind, "mine", "0.1.0-SNAPSHOT");
        project.files().forEach((file, text) -> {
            assertFalse(text.matches("(?s).*@(name|Class|version|argLine)@.*"), file);
            text.lines()
                    .forEach(line -> assertTrue(
                            line.length() <= 120 || line.contains("<argLine>") || line.contains("schemaLocation"),
                            line));
        });
        project.write(dir);
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(dir.resolve("pom.xml").toFile());
        List<String> next = project.next(dir, "KEMU");
        assertTrue(next.get(2).startsWith("KEMU/kemu "), next::toString);
        assertTrue(next.get(2).endsWith("target/mine.jar"), next::toString);
    }
}
