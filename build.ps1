#!/usr/bin/env pwsh
# Compiles the suite in build/ when its sources changed, and runs it with the arguments as they are. PowerShell 5 and 7.
# No param block: PowerShell would take -t or --verbosity for a parameter of this script.

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2

$Script = Get-Item -LiteralPath $MyInvocation.MyCommand.Path
while ($Script.LinkType -eq 'SymbolicLink') {
    $Next = @($Script.Target)[0]
    if (-not [IO.Path]::IsPathRooted($Next)) { $Next = Join-Path $Script.DirectoryName $Next }
    $Script = Get-Item -LiteralPath $Next
}
$Root = $Script.DirectoryName
$Artifacts = Join-Path $Root 'artifacts'
$State = Join-Path $Artifacts 'build-sh'
$Stamp = Join-Path $State 'sources-ps1'
$Program = [IO.Path]::Combine($Artifacts, 'bin', 'Build', 'release', 'Build.dll')

function Write-ErrorLine([string[]] $Lines) {
    foreach ($Line in $Lines) { [Console]::Error.WriteLine($Line) }
}

function Find-DotNet {
    $Name = if ([Environment]::OSVersion.Platform -eq 'Win32NT') { 'dotnet.exe' } else { 'dotnet' }
    $Candidates = @()
    if ($env:DOTNET_ROOT) { $Candidates += Join-Path $env:DOTNET_ROOT $Name }
    $OnPath = Get-Command $Name -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($OnPath) { $Candidates += $OnPath.Path }
    $Candidates += [IO.Path]::Combine([Environment]::GetFolderPath('UserProfile'), '.dotnet', $Name)
    $Candidates | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Select-Object -First 1
}

# The directory decides which global.json counts, so it is set for the one call.
function Assert-Sdk {
    $Wanted = (Get-Content -Raw -LiteralPath (Join-Path $Root 'global.json') | ConvertFrom-Json).sdk.version
    $Band = $Wanted.Substring(0, $Wanted.LastIndexOf('.'))
    $Major = $Wanted.Split('.')[0]
    $Fix = @(
        "  fix:    install .NET SDK $Wanted, for instance with",
        "            winget install Microsoft.DotNet.SDK.$Major",
        "          or see https://dotnet.microsoft.com/download/dotnet/$Band")
    if (-not $DotNet) {
        Write-ErrorLine (@('AMB2001: The .NET SDK is missing.') + $Fix)
        exit 1
    }

    Push-Location -LiteralPath $Root
    try {
        # Windows PowerShell turns a native program's stderr into errors, which must not stop this script.
        $ErrorActionPreference = 'Continue'
        & $DotNet --version 2>&1 | Out-Null
        $Found = $LASTEXITCODE -eq 0
    }
    finally {
        $ErrorActionPreference = 'Stop'
        Pop-Location
    }

    if (-not $Found) {
        $Installed = @(& $DotNet --list-sdks | ForEach-Object { "  $_" })
        Write-ErrorLine (@("AMB2001: This needs the .NET SDK $Wanted or a later one of ${Band}; $DotNet has:") + $Installed + $Fix)
        exit 1
    }
}

# Every file that the compiled suite depends on, with its size and time: an added, deleted, changed or older file changes the list.
function Get-Sources {
    $Files = @(Get-ChildItem -LiteralPath (Join-Path $Root 'build') -Recurse -File -Force)
    $Files += @(Get-ChildItem -LiteralPath $Root -File -Force | Where-Object {
            $_.Name -like 'Directory.*.props' -or $_.Name -like 'Directory.*.targets' -or
            @('global.json', '.editorconfig', 'nuget.config') -contains $_.Name })
    $Lines = @($Files | ForEach-Object { '{0} {1} {2}' -f $_.FullName, $_.Length, $_.LastWriteTimeUtc.Ticks } | Sort-Object)
    ($Lines + "CakeFrosting=$env:CakeFrosting") -join "`n"
}

function Test-Current {
    (Test-Path -LiteralPath $Stamp) -and (Test-Path -LiteralPath $Program) -and
    ([IO.File]::ReadAllText($Stamp) -ceq (Get-Sources))
}

function Invoke-Compile {
    Assert-Sdk
    $Watch = [Diagnostics.Stopwatch]::StartNew()
    $Why = if (Test-Path -LiteralPath $Program) { 'its sources changed' } else { 'first run' }
    Write-ErrorLine "Compiling the suite ($Why) ..."
    Remove-Item -LiteralPath $Stamp -Force -ErrorAction SilentlyContinue
    # Listed before compiling: what is saved meanwhile is compiled the next time.
    $Sources = Get-Sources
    $env:MSBUILDDISABLENODEREUSE = '1'
    $env:DOTNET_CLI_USE_MSBUILD_SERVER = '0'
    $ErrorActionPreference = 'Continue'
    $Output = & $DotNet build ([IO.Path]::Combine($Root, 'build', 'Build.csproj')) -c Release --nologo -v quiet '-nodeReuse:false' '-p:UseSharedCompilation=false' 2>&1
    $Code = $LASTEXITCODE
    $ErrorActionPreference = 'Stop'
    if ($Code -ne 0) {
        Write-ErrorLine (@($Output | ForEach-Object { "$_" }) + 'AMB2002: The suite in build/ does not compile; the messages above say why.')
        exit 1
    }

    [IO.File]::WriteAllText($Stamp, $Sources)
    Write-ErrorLine ('Compiled in {0:0} s.' -f $Watch.Elapsed.TotalSeconds)
}

# One compiles, others wait for it and then find it done. The system lets go of the file when its holder dies.
function Invoke-CompileUnlessAnotherDid {
    New-Item -ItemType Directory -Force -Path $State | Out-Null
    $Lock = $null
    while (-not $Lock) {
        try { $Lock = [IO.File]::Open((Join-Path $State 'lock'), 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [IO.IOException] { Start-Sleep -Milliseconds 200 }
    }

    try { if (-not (Test-Current)) { Invoke-Compile } }
    finally { $Lock.Dispose() }
}

$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$DotNet = Find-DotNet
if (-not $DotNet) { Assert-Sdk }
if (-not (Test-Current)) { Invoke-CompileUnlessAnotherDid }

# The program starts dotnet by its name, and the apps look for their runtime: both shall be the one found here.
$OnPath = Get-Command dotnet -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
if (-not $OnPath -or $OnPath.Path -ne $DotNet) {
    $env:DOTNET_ROOT = Split-Path -Parent $DotNet
    $env:PATH = $env:DOTNET_ROOT + [IO.Path]::PathSeparator + $env:PATH
}

# Before 7.3 PowerShell drops empty arguments and the quotes inside others; what is passed on here survives that.
$Arguments = @($args)
if ($PSVersionTable.PSVersion -lt [Version] '7.3') {
    $Arguments = @($args | ForEach-Object {
            $Escaped = "$_" -replace '(\\*)"', '$1$1\"'
            if ($Escaped -eq '') { '""' }
            elseif ($Escaped -match '\s') { $Escaped -replace '(\\+)$', '$1$1' }
            else { $Escaped }
        })
}

# A running program cannot remove its own files on Windows: it lists here what is to go when it has ended.
$Marker = [IO.Path]::GetTempFileName()
$env:AMBROSIA_REMOVE_AT_EXIT = $Marker
$ErrorActionPreference = 'Continue'
try {
    & $DotNet $Program @Arguments
    $Code = $LASTEXITCODE
}
finally {
    Remove-Item Env:AMBROSIA_REMOVE_AT_EXIT -ErrorAction SilentlyContinue
    Get-Content -LiteralPath $Marker -ErrorAction SilentlyContinue | Where-Object { $_ } | ForEach-Object {
        Remove-Item -LiteralPath $_ -Recurse -Force -ErrorAction SilentlyContinue
    }
    Remove-Item -LiteralPath $Marker -Force -ErrorAction SilentlyContinue
}

exit $Code
