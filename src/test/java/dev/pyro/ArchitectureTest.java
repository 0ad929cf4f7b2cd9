package dev.pyro;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rules of ARCHITECTURE.md that a machine can check. Who may use whom stands in each package's package-info.java. */
class ArchitectureTest {
    private static final String ROOT = "dev.pyro";
    private static final Path SOURCES = Path.of("src/main/java");

    /** Ends at the first full stop outside of {@code braces}; the list may go over several lines. */
    private static final Pattern ALLOWED = Pattern.compile("Allowed dependencies:((?:\\{@code [^}]*}|[^.])*)\\.");

    private static final Pattern CODE = Pattern.compile("\\{@code ([a-z.]+)}");
    private static final String AND_BELOW = "and what it may use";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void packagesUseOnlyWhatTheirPackageInfoAllows() {
        Map<String, String> declared = declaredDependencies();
        Map<String, Set<String>> allowed = allowedDependencies(declared);
        Set<String> violations = new TreeSet<>();
        for (JavaClass origin : MAIN) {
            String from = packageOf(origin);
            if (from.isEmpty()) {
                continue;
            }
            if (!allowed.containsKey(from)) {
                violations.add(from + "/package-info.java says nothing about its allowed dependencies");
                continue;
            }
            origin.getDirectDependenciesFromSelf().forEach(dependency -> {
                JavaClass target = dependency.getTargetClass();
                boolean ours = target.getPackageName().startsWith(ROOT);
                if (ours && !target.getPackageName().equals(ROOT + "." + from)) {
                    if (!allowed.getOrDefault(from, Set.of()).contains(packageOf(target))) {
                        violations.add(
                                from + " must not use " + packageOf(target) + ": " + dependency.getDescription());
                    }
                }
            });
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void modelUsesTheJdkOnly() {
        onlyTheJdkAnd(ROOT + ".model", "org.jspecify..");
    }

    @Test
    void eachLibraryHasItsPlace() {
        onlyIn("picocli..", ROOT + ".cli..");
        onlyIn("tools.jackson..", ROOT + ".json..", ROOT + ".mcp.server..");
        onlyIn("io.modelcontextprotocol..", ROOT + ".mcp.server..", ROOT + ".mcp.http..");
        onlyIn("reactor..", ROOT + ".mcp.server..", ROOT + ".mcp.http..");
        onlyIn("org.eclipse.jetty..", ROOT + ".mcp.http..");
        onlyIn("org.eclipse.jgit..", ROOT + ".workspace.diff..");
        onlyIn(
                "org.apache.commons..",
                ROOT + ".runtime..",
                ROOT + ".environment..",
                ROOT + ".disk..",
                ROOT + ".workspace.seed..");
    }

    @Test
    void onlyTheCompositionRootNamesConcreteBackends() {
        classes()
                .that(resideInAPackage(ROOT + ".machine.(**)"))
                .and(describe("are in a back end's package", ArchitectureTest::isBackend))
                .should()
                .onlyHaveDependentClassesThat(describe(
                        "are LocalPyro or of the same back end",
                        dependent -> dependent.getFullName().equals(ROOT + ".LocalPyro") || isBackend(dependent)))
                .allowEmptyShould(true)
                .check(MAIN);
    }

    @Test
    void backendsDoNotKnowEachOther() {
        slices().matching(ROOT + ".machine.(*)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true)
                .check(MAIN);
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> unmarked = MAIN.stream()
                .map(JavaClass::getPackage)
                .filter(javaPackage -> !javaPackage.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(unmarked).isEmpty();
    }

    @Test
    void onlyTheCommandLinePrints() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .because("a library neither prints nor ends the process")
                .check(MAIN);
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Utils?|Helpers?|Impl)")
                .check(MAIN);
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Utils?|Helpers?|Impl)")
                .check(TESTS);
    }

    @Test
    void theFacadeReturnsNoMaps() {
        methods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .haveFullyQualifiedName(ROOT + ".sdk.Pyro")
                .should()
                .notHaveRawReturnType(assignableTo(Map.class))
                .allowEmptyShould(true)
                .check(MAIN);
    }

    @Test
    void everyMethodOfTheFacadeSaysThatItWasInterrupted() {
        Set<String> unguarded = MAIN.get(ROOT + ".sdk.Pyro").getMethods().stream()
                .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(method -> method.getMethodCallsFromSelf().stream()
                        .noneMatch(call -> call.getTargetOwner().getFullName().equals(ROOT + ".sdk.Interruptible")
                                // The longer form does it.
                                || (call.getTargetOwner().equals(method.getOwner())
                                        && call.getName().equals(method.getName()))))
                .map(JavaMethod::getFullName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(unguarded).isEmpty();
    }

    @Test
    void testsDoNotSleep() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .orShould()
                .callMethod(TimeUnit.class, "sleep", long.class)
                .because("a test waits for a condition, with a bound (Awaitility)")
                .check(TESTS);
    }

    private static boolean isBackend(JavaClass type) {
        return type.getPackageName().startsWith(ROOT + ".machine.");
    }

    private static void onlyTheJdkAnd(String ours, String... others) {
        String[] allowed = Stream.concat(Stream.of(ours + "..", "java.."), Arrays.stream(others))
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(ours + "..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed))
                .check(MAIN);
    }

    private static void onlyIn(String library, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(MAIN);
    }

    /** Returns a class's package below the root, empty for the root itself. */
    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    }

    /** Returns what each package-info.java says about its package's dependencies. */
    private static Map<String, String> declaredDependencies() {
        Map<String, String> declared = new TreeMap<>();
        Path root = SOURCES.resolve(ROOT.replace('.', '/'));
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.endsWith("package-info.java")).toList()) {
                String text = Files.readString(file).replaceAll("\n \\*", "");
                Matcher matcher = ALLOWED.matcher(text);
                if (matcher.find()) {
                    String name = root.relativize(file.resolveSibling("")).toString();
                    declared.put(name.replace('/', '.'), matcher.group(1));
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return declared;
    }

    private static Map<String, Set<String>> allowedDependencies(Map<String, String> declared) {
        Map<String, Set<String>> allowed = new TreeMap<>();
        declared.keySet().forEach(name -> allowed.put(name, allowedOf(name, declared)));
        return allowed;
    }

    private static Set<String> allowedOf(String name, Map<String, String> declared) {
        String text = declared.getOrDefault(name, "");
        Set<String> names = CODE.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(HashSet::new));
        if (text.contains(AND_BELOW)) {
            for (String direct : Set.copyOf(names)) {
                names.addAll(allowedOf(direct, declared));
            }
        }
        return names;
    }
}
