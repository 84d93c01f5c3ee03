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
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.host.HostLimits;
import kemu.host.Shell;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.input.BoundedStream;
import kemu.input.TooLargeException;
import kemu.kernel.locking.SpinLockProvider;
import kemu.kernel.locking.SpinLocks;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.report.Provenance;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;

/**
 * Jars with strategies ({@link AnonVmaLockingProvider}, {@link VmaLookupProvider}, {@link MlockingProvider},
 * {@link SpinLockProvider}), memory models ({@link MemoryModelProvider}), scenarios ({@link Scenario}) and workloads
 * ({@link WorkloadProvider}) of other authors, found by {@link ServiceLoader}.
 */
public final class Plugins {
    private static final String LOADER = "plugins";

    private static final String FAILS = " fails: ";
    /** What a jar says in its manifest of the kemu that it was made for; it may say nothing. */
    private static final String MADE_FOR = "Kemu-Version";

    /** What a plugin may offer. */
    private static final List<Class<?>> SERVICES = List.of(
            AnonVmaLockingProvider.class,
            VmaLookupProvider.class,
            MlockingProvider.class,
            SpinLockProvider.class,
            MemoryModelProvider.class,
            Scenario.class,
            WorkloadProvider.class);

    /** What {@code --model} of litmus tests takes besides machines. */
    private static final List<String> MODEL_WORDS = List.of("all", "lkmm", "lkmm-6.1");

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
        if (List.of(urls).equals(List.of(loaded()))) {
            return;
        }
        Thread.currentThread().setContextClassLoader(new URLClassLoader(LOADER, urls, Plugins.class.getClassLoader()));
        try {
            refuseTaken("strategy", Strategies.names(AnonVmaLockings.all()));
            refuseTaken("vma-lookup", Strategies.names(VmaLookups.all()));
            refuseTaken("mlock", Strategies.names(Mlockings.all()));
            refuseTaken("spinlock", List.of(SpinLocks.names()));
            refuseTaken("model", models());
            refuseTaken("workload", Workloads.names());
            List<String> scenarios = new ArrayList<>();
            Scenarios.builtIn().forEach(one -> scenarios.add(one.name()));
            ServiceLoader.load(Scenario.class).forEach(one -> scenarios.add(one.name()));
            refuseTaken("scenario", scenarios);
        } catch (ServiceConfigurationError | LinkageError broken) {
            throw new PluginFailure("plugin: " + firstLine(broken), broken);
        }
    }

    /** Names of models, and the words that {@code --model} takes besides. */
    private static List<String> models() {
        List<String> names = new ArrayList<>(MODEL_WORDS);
        try {
            names.addAll(MemoryModel.names());
        } catch (IllegalArgumentException unfit) {
            throw new PluginFailure("plugin: " + unfit.getMessage(), unfit);
        } catch (IllegalStateException | UnsupportedOperationException | NullPointerException thrown) {
            throw failed("model", thrown);
        }
        return names;
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
            requireOwnVersion(jar, opened.getManifest());
            return jar.toUri().toURL();
        } catch (TooLargeException large) {
            throw new PluginFailure("plugin: " + jar + ": " + large.getMessage(), large);
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException notJar) {
            throw new PluginFailure("plugin: " + jar + ": not a jar: " + firstLine(notJar), notJar);
        }
    }

    /** Throws if the jar says that it was made for another version: the first two numbers differ. */
    private static void requireOwnVersion(Path jar, Manifest manifest) {
        String made = manifest == null ? null : manifest.getMainAttributes().getValue(MADE_FOR);
        String own = Provenance.version();
        if (made != null && !series(made).equals(series(own)) && !own.startsWith("(")) {
            throw new PluginFailure("plugin: " + jar + ": made for kemu " + made + ", this is " + own, null);
        }
    }

    private static String series(String version) {
        return version.replaceFirst("^(\\d+\\.\\d+).*", "$1");
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
        for (URL url : loaded()) {
            options.append(option(url));
        }
        return options.toString();
    }

    private static URL[] loaded() {
        return Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader
                        && LOADER.equals(loader.getName())
                ? loader.getURLs()
                : new URL[0];
    }

    /** The same of what {@code subject} takes from the class path: the jars and folders of its plugins. */
    public static String asOptions(Subject subject) {
        Set<String> options = new LinkedHashSet<>();
        Plugged.of(subject).forEach(one -> options.add(optionOf(one.provider())));
        MemoryModel.providers().stream()
                .filter(one -> one.name().equals(subject.modelName()))
                .forEach(one -> options.add(optionOf(one)));
        return String.join("", options);
    }

    /** The words that make another process know what is loaded here. */
    public static List<String> asArguments() {
        List<String> words = new ArrayList<>();
        for (URL url : loaded()) {
            words.add("--plugin");
            words.add(pathOf(url).toString());
        }
        return words;
    }

    private static String optionOf(Object plugged) {
        CodeSource source = plugged.getClass().getProtectionDomain().getCodeSource();
        return source == null ? "" : option(source.getLocation());
    }

    private static String option(URL url) {
        try {
            Path path = pathOf(url);
            Path here = Path.of("").toAbsolutePath();
            return " --plugin " + Shell.quote((path.startsWith(here) ? here.relativize(path) : path).toString());
        } catch (IllegalArgumentException notFile) {
            return "";
        }
    }

    private static Path pathOf(URL url) {
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException notFile) {
            throw new IllegalArgumentException(notFile);
        }
    }

    /** The names of what other authors have added to {@code subject}; null if all of it is built in. */
    public static String ownerOf(Subject subject) {
        return Plugged.names(Plugged.of(subject));
    }

    /** The same of a run of {@code workload} with these strategies. */
    public static String ownerOf(String workload, String anonVma, String vmaLookup, String mlock, String spinLock) {
        return Plugged.names(Plugged.of(workload, new Plugged.Chosen(anonVma, vmaLookup, mlock, spinLock)));
    }

    /** What {@code plugin} has thrown, as its failure. */
    public static PluginFailure failed(String plugin, Throwable thrown) {
        String at = "";
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (at.isEmpty() && !isPlatform(frame.getClassName())) {
                at = " at " + frame;
            }
        }
        // A class or method that is gone, or one that the plugin lacks.
        String other = thrown instanceof LinkageError ? " (made for another version of kemu?)" : "";
        return new PluginFailure("plugin " + plugin + FAILS + firstLine(thrown) + at + other, thrown);
    }

    /** True if a limit of the host has ended something; a method that a plugin calls and that is gone is none. */
    public static boolean isLimit(Throwable failed) {
        return !(failed instanceof IncompatibleClassChangeError) && HostLimits.line(failed) != null;
    }

    /** The failure that another process has told in {@code said}; null if none of a plugin. */
    public static PluginFailure toldIn(String said) {
        return said.lines()
                .filter(line -> line.startsWith("plugin ") && line.contains(FAILS))
                .findFirst()
                .map(line -> new PluginFailure(line, null))
                .orElse(null);
    }

    /** True of the JDK's classes and kemu's. */
    static boolean isPlatform(String className) {
        return className.startsWith("kemu.") || className.startsWith("java.") || className.startsWith("jdk.");
    }

    static String firstLine(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        String type = failure.getClass().getSimpleName();
        return type + ": " + text.lines().findFirst().orElse("");
    }
}
