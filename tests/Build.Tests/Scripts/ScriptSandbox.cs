using System.Diagnostics;

namespace Ambrosia.Build.Tests.Scripts;

/// <summary>A checkout with nothing but build.sh and one source, and a dotnet that writes down how it is called.</summary>
internal sealed class ScriptSandbox : IDisposable
{
    // "build" makes the program as the compiler would; anything else is the program itself, which prints one argument a line.
    private const string FakeDotnet = """
        #!/bin/bash
        case $1 in
          --version) [ ! -f "$FAKE_DOTNET/too-old" ]; exit ;;
          --list-sdks) echo "8.0.100 [/somewhere]"; exit ;;
          build)
            echo compile >>"$FAKE_DOTNET/calls"
            if [ -f "$FAKE_DOTNET/breaks" ]; then echo "Program.cs(1,1): error CS1002: ; expected"; exit 1; fi
            if [ -f "$FAKE_DOTNET/waits" ]; then while [ ! -f "$FAKE_DOTNET/go" ]; do sleep 0.02; done; fi
            if [ -f "$FAKE_DOTNET/signals" ]; then kill -"$(cat "$FAKE_DOTNET/signals")" $PPID; exit 1; fi
            program=${2%/build/Build.csproj}/artifacts/bin/Build/release
            mkdir -p "$program" && echo compiled >"$program/Build.dll"
            exit ;;
        esac
        if [ -f "$FAKE_DOTNET/where" ]; then command -v dotnet; echo "$DOTNET_ROOT"; exit; fi
        shift
        for argument in "$@"; do printf '<%s>\n' "$argument"; done
        exit "${FAKE_EXIT_CODE:-0}"
        """;

    public ScriptSandbox()
    {
        Root = Path.Combine(Directory.CreateTempSubdirectory("ambrosia script ").FullName, "check out");
        Fake = Path.Combine(Path.GetDirectoryName(Root)!, "dotnet root");
        Directory.CreateDirectory(Path.Combine(Root, "build", "Tasks"));
        Directory.CreateDirectory(Fake);
        var checkout = BuildPaths.Find(AppContext.BaseDirectory).Root;
        File.Copy(Path.Combine(checkout, "build.sh"), Script);
        File.Copy(Path.Combine(checkout, "global.json"), Path.Combine(Root, "global.json"));
        File.WriteAllText(Source, "// one");
        File.WriteAllText(Path.Combine(Fake, "dotnet"), FakeDotnet.ReplaceLineEndings("\n"));
        MakeExecutable(Path.Combine(Fake, "dotnet"));
        MakeExecutable(Script);
    }

    public string Root { get; }

    public string Fake { get; }

    public string Script => Path.Combine(Root, "build.sh");

    public string Source => Path.Combine(Root, "build", "Tasks", "One.cs");

    public int Compiles => File.Exists(Path.Combine(Fake, "calls")) ? File.ReadAllLines(Path.Combine(Fake, "calls")).Length : 0;

    /// <summary>Creates one of the files by which the fake dotnet is told how to behave.</summary>
    public void Tell(string what, string more = "") => File.WriteAllText(Path.Combine(Fake, what), more);

    public void Untell(string what) => File.Delete(Path.Combine(Fake, what));

    public ScriptResult Run(params string[] args) => Start(Script, "/", args).Result;

    public async Task<ScriptResult> Start(string script, string directory, params string[] args)
    {
        // A background job of a shell, in which the tests may run, ignores SIGINT, and so would all that it starts.
        var start = new ProcessStartInfo("env", ["--default-signal", script, .. args])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FAKE_DOTNET"] = Fake;
        start.Environment["DOTNET_ROOT"] = Fake;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        return new ScriptResult(process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Root)!, recursive: true);

    private static void MakeExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

internal sealed record ScriptResult(int ExitCode, string Output, string Error);
