using System.Reflection;
using System.Runtime.InteropServices;

namespace SecureStore.Codecs.Lockdown;

/// <summary>
/// What a worker takes from itself before it sees its first byte (docs/codecs.md): whoever takes it over by a damaged image has three pipes, the
/// memory of one process and the time of one request.
/// </summary>
internal static partial class Restrictions
{
    private const int SetNoNewPrivileges = 38;
    private const int SetDumpable = 4;

    /// <returns>Names of those that the kernel does not grant.</returns>
    public static IReadOnlyList<string> Apply()
    {
        LoadEverything(Assembly.GetExecutingAssembly(), []);
        FindFunctions();
        Descriptors.CloseForeign();
        var missing = new List<string>();

        // Before dumps are forbidden: these files are not the process's own any more then.
        Ask(ResourceLimits.EndFirst(), "end first when memory runs out");
        Ask(prctl(SetNoNewPrivileges, 1, 0, 0, 0) == 0, "no new privileges");
        Ask(prctl(SetDumpable, 0, 0, 0, 0) == 0, "no dumps");
        Ask(ResourceLimits.Apply(), "resource limits");
        Ask(Landlock.Apply(), "Landlock");
        Ask(SystemCalls.Apply(), "seccomp");
        return missing;

        void Ask(bool isGranted, string name)
        {
            if (!isGranted)
                missing.Add(name);
        }
    }

    /// <summary>Later no file can be opened: assemblies are loaded, and the libraries' functions found.</summary>
    private static void LoadEverything(Assembly assembly, HashSet<string> loaded)
    {
        foreach (var name in assembly.GetReferencedAssemblies())
        {
            if (loaded.Add(name.FullName))
                LoadEverything(Assembly.Load(name), loaded);
        }
    }

    private static void FindFunctions()
    {
        const BindingFlags all = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var methods = Assembly.GetExecutingAssembly().GetTypes().SelectMany(type => type.GetMethods(all));
        foreach (var method in methods.Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)))
        {
            try
            {
                Marshal.Prelink(method);
            }
            catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
            {
                // A library that is not installed: its transfer syntaxes are not announced.
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
