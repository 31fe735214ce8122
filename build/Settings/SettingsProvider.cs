using System.Text;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;
using Cake.Core;
using Cake.Core.IO;

namespace Ambrosia.Build.Settings;

/// <inheritdoc cref="ISettingsProvider"/>
public sealed class SettingsProvider : ISettingsProvider
{
    private const string ConfigArgument = "config";
    private const string PlatformArgument = "platform";

    private readonly ICakeArguments _arguments;
    private readonly ICakeEnvironment _environment;
    private readonly IFileSystem _files;
    private readonly BuildPaths _paths;
    private readonly Lazy<BuildSettings> _settings;

    public SettingsProvider(ICakeArguments arguments, ICakeEnvironment environment, IFileSystem files, BuildPaths paths)
    {
        _arguments = arguments;
        _environment = environment;
        _files = files;
        _paths = paths;
        _settings = new Lazy<BuildSettings>(Load);
    }

    public BuildSettings Settings => _settings.Value;

    private BuildSettings Load()
    {
        var path = FindFile();
        return SettingsLoader.Load(new SettingsSource(
            path?.FullPath,
            path is null ? null : Read(path),
            Argument(PlatformArgument, "local, kubernetes or aks"),
            _environment.GetEnvironmentVariables().ToDictionary(pair => pair.Key, string? (pair) => pair.Value)));
    }

    private FilePath? FindFile()
    {
        if (Argument(ConfigArgument, "the path of a configuration") is { } given)
        {
            // What the user types is meant from where the user stands; nothing else in the suite depends on that.
            var path = new FilePath(given).MakeAbsolute(_environment);
            if (_files.GetFile(path).Exists || _files.GetDirectory(path.FullPath).Exists)
                return path;
            throw new BuildException(
                ErrorCode.ConfigurationUnreadable,
                $"--config={given}: there is no file {path.FullPath}.",
                remedy: NearestFile(path) is { } nearest ? $"did you mean {nearest}?" : "copy AmbrosiaAKSConf.json.template there and fill it in");
        }

        var standard = new FilePath(_paths.DefaultConfiguration);
        return _files.GetFile(standard).Exists || _files.GetDirectory(standard.FullPath).Exists ? standard : null;
    }

    private string Read(FilePath path)
    {
        if (_files.GetDirectory(path.FullPath).Exists)
            throw new BuildException(ErrorCode.ConfigurationUnreadable, $"{path.FullPath} cannot be read.", "it is a directory");
        try
        {
            using var stream = _files.GetFile(path).Open(FileMode.Open, FileAccess.Read, FileShare.Read);
            using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException exception)
        {
            throw new BuildException(
                ErrorCode.ConfigurationMalformed, $"{path.FullPath} is not text in UTF-8.", exception.Message, "save it as UTF-8", inner: exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BuildException(
                ErrorCode.ConfigurationUnreadable, $"{path.FullPath} cannot be read.", exception.Message, "check its permissions", inner: exception);
        }
    }

    private string? NearestFile(FilePath path)
    {
        var directory = _files.GetDirectory(path.GetDirectory());
        if (!directory.Exists)
            return null;
        var names = directory.GetFiles("*", SearchScope.Current).Select(file => file.Path.GetFilename().FullPath);
        return NearestName.Of(path.GetFilename().FullPath, names) is { } name ? path.GetDirectory().CombineWithFilePath(name).FullPath : null;
    }

    private string? Argument(string name, string meaning)
    {
        if (!_arguments.HasArgument(name))
            return null;
        var values = _arguments.GetArguments(name);
        if (values.LastOrDefault() is { Length: > 0 } value)
            return value;
        throw new BuildException(ErrorCode.InvalidArgumentValue, $"--{name} has no value.", remedy: $"--{name}=... with {meaning}");
    }
}
