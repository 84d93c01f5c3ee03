package kemu.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.host.Shell;
import kemu.input.BoundedStream;
import kemu.input.TooLargeException;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * Jars with strategies ({@link AnonVmaLockingProvider}, {@link VmaLookupProvider}, {@link MlockingProvider}) and
 * scenarios ({@link Scenario}) of other authors, found by {@link ServiceLoader}.
 */
public final class Plugins {
    private static final String LOADER = "plugins";

    /** What a plugin may offer. */
    private static final List<Class<?>> SERVICES =
            List.of(AnonVmaLockingProvider.class, VmaLookupProvider.class, MlockingProvider.class, Scenario.class);

    private static final long LONGEST_LIST = 1 << 20;

    private Plugins() {}

    /** A plugin cannot be loaded, or has failed; the message is one line that names it. */
    public static final class PluginFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PluginFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Makes what is in {@code jars}, or folders of classes, known by name, for the calling thread and those it starts
     * from now on.
     */
    public static void load(List<Path> jars) {
        if (jars.isEmpty()) {
            return;
        }
        URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = url(jars.get(i));
        }
        Thread.currentThread().setContextClassLoader(new URLClassLoader(LOADER, urls, Plugins.class.getClassLoader()));
        try {
            refuseTaken("strategy", Strategies.names(AnonVmaLockings.all()));
            refuseTaken("vma-lookup", Strategies.names(VmaLookups.all()));
            refuseTaken("mlock", Strategies.names(Mlockings.all()));
            List<String> scenarios = new ArrayList<>();
            Scenarios.builtIn().forEach(one -> scenarios.add(one.name()));
            ServiceLoader.load(Scenario.class).forEach(one -> scenarios.add(one.name()));
            refuseTaken("scenario", scenarios);
        } catch (ServiceConfigurationError | LinkageError broken) {
            throw new PluginFailure("plugin: " + firstLine(broken), broken);
        }
    }

    /** Refuses a name that stands twice in {@code all}: the built-in ones, then those of plugins. */
    private static void refuseTaken(String kind, List<String> all) {
        Set<String> taken = new HashSet<>();
        for (String name : all) {
            if (!taken.add(name)) {
                throw new PluginFailure("plugin: " + kind + " name '" + name + "' is taken", null);
            }
        }
    }

    private static URL url(Path jar) {
        if (Files.isDirectory(jar)) {
            return folder(jar);
        }
        if (!Files.isRegularFile(jar)) {
            throw new PluginFailure("plugin: " + jar + ": no such file", null);
        }
        try (JarFile opened = new JarFile(jar.toFile())) {
            boolean offers = false;
            for (Class<?> service : SERVICES) {
                offers |= offers(opened, service);
            }
            if (!offers) {
                throw offersNothing(jar);
            }
            return jar.toUri().toURL();
        } catch (TooLargeException large) {
            throw new PluginFailure("plugin: " + jar + ": " + large.getMessage(), large);
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException notJar) {
            throw new PluginFailure("plugin: " + jar + ": not a jar: " + firstLine(notJar), notJar);
        }
    }

    /**
     * Tells whether {@code jar} lists providers of {@code service}; a list that is too long is refused, since
     * {@link ServiceLoader} would read all of it.
     */
    private static boolean offers(JarFile jar, Class<?> service) throws IOException {
        ZipEntry list = jar.getEntry("META-INF/services/" + service.getName());
        if (list == null) {
            return false;
        }
        try (InputStream in = new BoundedStream(jar.getInputStream(list), list.getName(), LONGEST_LIST)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return true;
    }

    private static URL folder(Path folder) {
        Path services = folder.resolve("META-INF/services");
        if (SERVICES.stream().noneMatch(service -> Files.isRegularFile(services.resolve(service.getName())))) {
            throw offersNothing(folder);
        }
        try {
            return folder.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static PluginFailure offersNothing(Path plugin) {
        return new PluginFailure(
                "plugin: " + plugin + ": offers none of "
                        + SERVICES.stream().map(Class::getName).collect(Collectors.joining(", "))
                        + " in META-INF/services",
                null);
    }

    /** The options that make a later command know what is loaded here: empty, or begins with a blank. */
    public static String asOptions() {
        StringBuilder options = new StringBuilder();
        if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader
                && LOADER.equals(loader.getName())) {
            for (URL url : loader.getURLs()) {
                options.append(option(url));
            }
        }
        return options.toString();
    }

    /** The same of what {@code subject} takes from the class path: the jars and folders of its plugins. */
    public static String asOptions(Subject subject) {
        Set<String> options = new LinkedHashSet<>();
        Scenario scenario = Scenarios.byName(subject.scenario());
        if (scenario != null && isForeign(scenario)) {
            options.add(optionOf(scenario));
        }
        if (scenario != null) {
            String anonVma = scenario.lookup(subject.variant());
            String vmaLookup = scenario.vmaLookup(subject.variant());
            String mlock = scenario.mlock(subject.variant());
            Stream<Object> plugged = Stream.of(
                            AnonVmaLockings.foreign().stream()
                                    .filter(one -> one.name().equals(anonVma)),
                            VmaLookups.foreign().stream()
                                    .filter(one -> one.name().equals(vmaLookup)),
                            Mlockings.foreign().stream()
                                    .filter(one -> one.name().equals(mlock)))
                    .flatMap(found -> found);
            plugged.forEach(provider -> options.add(optionOf(provider)));
        }
        return String.join("", options);
    }

    private static String optionOf(Object plugged) {
        CodeSource source = plugged.getClass().getProtectionDomain().getCodeSource();
        return source == null ? "" : option(source.getLocation());
    }

    private static String option(URL url) {
        try {
            Path path = Path.of(url.toURI());
            Path here = Path.of("").toAbsolutePath();
            return " --plugin " + Shell.quote((path.startsWith(here) ? here.relativize(path) : path).toString());
        } catch (URISyntaxException | IllegalArgumentException notFile) {
            return "";
        }
    }

    /** The name of what another author has added to {@code subject}; null if all of it is built in. */
    public static String ownerOf(Subject subject) {
        Scenario scenario = Scenarios.byName(subject.scenario());
        if (scenario != null && isForeign(scenario)) {
            return "scenario " + scenario.name();
        }
        return scenario == null
                ? null
                : ownerOf(
                        scenario.lookup(subject.variant()),
                        scenario.vmaLookup(subject.variant()),
                        scenario.mlock(subject.variant()));
    }

    /** The one of these strategies that another author has added, by its name; null if there is none. */
    public static String ownerOf(String anonVma, String vmaLookup, String mlock) {
        if (AnonVmaLockings.foreign().stream().anyMatch(one -> one.name().equals(anonVma))) {
            return "strategy " + anonVma;
        }
        if (VmaLookups.foreign().stream().anyMatch(one -> one.name().equals(vmaLookup))) {
            return "vma-lookup " + vmaLookup;
        }
        boolean foreign =
                Mlockings.foreign().stream().anyMatch(one -> one.name().equals(mlock));
        return foreign ? "mlock " + mlock : null;
    }

    /** What {@code plugin} has thrown, as its failure. */
    public static PluginFailure failed(String plugin, Throwable thrown) {
        String at = "";
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (at.isEmpty() && !isPlatform(frame.getClassName())) {
                at = " at " + frame;
            }
        }
        return new PluginFailure("plugin " + plugin + " fails: " + firstLine(thrown) + at, thrown);
    }

    /** True of the JDK's classes and kemu's. */
    static boolean isPlatform(String className) {
        return className.startsWith("kemu.") || className.startsWith("java.") || className.startsWith("jdk.");
    }

    private static boolean isForeign(Object plugged) {
        return !plugged.getClass().getName().startsWith("kemu.")
                || plugged.getClass().getClassLoader() != Plugins.class.getClassLoader();
    }

    static String firstLine(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        String type = failure.getClass().getSimpleName();
        return type + ": " + text.lines().findFirst().orElse("");
    }
}
