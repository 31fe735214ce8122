namespace Ambrosia.Build.Planning;

/// <summary>The word of a person, or of <c>--yes</c>, before something is made or removed in a cloud or a cluster.</summary>
public interface IConfirmation
{
    /// <summary>Returns when the answer is yes.</summary>
    /// <exception cref="Errors.BuildException">AMB1004: the answer is no, or there is no terminal to ask on and no <c>--yes</c>.</exception>
    Task RequireAsync(string question, CancellationToken cancellation);
}
