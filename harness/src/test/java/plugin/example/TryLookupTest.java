package plugin.example;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import kemu.mm.vma.VmaLookupContract;
import kemu.mm.vma.VmaLookupProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** How an author of a lookup holds it to the contract, from another package and found by name as from a jar. */
class TryLookupTest extends VmaLookupContract {
    @TempDir
    private static Path jar;

    private static ClassLoader before;

    @BeforeAll
    static void offer() throws IOException {
        Path services = Files.createDirectories(jar.resolve("META-INF/services"));
        Files.writeString(services.resolve(VmaLookupProvider.class.getName()), TryLookup.class.getName());
        before = Thread.currentThread().getContextClassLoader();
        URL[] urls = {jar.toUri().toURL()};
        Thread.currentThread().setContextClassLoader(new URLClassLoader(urls, before));
    }

    @AfterAll
    static void putBack() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @Override
    protected String lookup() {
        return "try-mmap-sem";
    }

    @Override
    protected boolean servesBesideWriters() {
        return false;
    }
}
